// The words of a comparison of a version with its sources.
const plurals = new Intl.PluralRules('en')

export const compareWords = {
  compared: (moment: string) => `From the version of ${moment} to the sources as they are:`,
  kinds: {
    added: 'Added',
    changed: 'Changed',
    removed: 'Removed',
    silent: 'Other bytes, though neither length nor time shows it',
  },
  kind: (values: { name: string; entries: string; size: string }) =>
    `${values.name}: ${values.entries}, ${values.size}`,
  unchanged: (entries: string) => `Unchanged: ${entries}`,
  read: (values: { files: string; size: string }) => `Contents read: ${values.files}, ${values.size}`,
  leftOut: (entries: string) => `Left out by filters: ${entries}`,
  outside: (count: number) =>
    `Not compared: ${count.toLocaleString('en')} ${plurals.select(count) === 'one' ? 'entry' : 'entries'} of the ` +
    'version that none of these sources holds',
  silentAdvice: () =>
    'A disk that fails looks like this, and so does a program that sets times back. The backup has the bytes as they ' +
    'were: restore such a file beside the other and look, before old versions go.',
  aspects: {
    type: 'type',
    content: 'content',
    size: 'size',
    time: 'time',
    mode: 'mode',
    owner: 'owner',
    target: 'target',
    metadata: 'metadata',
  },
  gaps: 'Could not be compared',
}

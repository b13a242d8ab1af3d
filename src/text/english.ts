// The words of reports and progress in English. A catalogue of another language is an object of the same type: each
// message is a function of the values in it, so that order and plurals are the language's own business.
const plurals = new Intl.PluralRules('en')

export const english = {
  files: (count: number) => counted(count, 'file', 'files'),
  folders: (count: number) => counted(count, 'folder', 'folders'),
  links: (count: number) => counted(count, 'link', 'links'),
  blocks: (count: number) => counted(count, 'block', 'blocks'),
  entriesGone: (count: number) => `${counted(count, 'entry', 'entries')} gone`,
  entries: (count: number) => counted(count, 'entry', 'entries'),
  byFilters: (entries: string) => `by filters: ${entries}`,
  specials: (count: number) => counted(count, 'socket, pipe or device', 'sockets, pipes and devices'),

  label: {
    seen: 'Seen',
    changed: 'Changed',
    read: 'Read',
    newData: 'New data',
    uploaded: 'Uploaded',
    space: 'Space',
    took: 'Took',
    oldVersions: 'Versions',
    kept: 'Kept',
    leftOut: 'Left out',
    unseen: 'Not seen',
    restored: 'Restored',
    packed: 'Packed',
    wouldRestore: 'Would restore',
    to: 'To',
    alreadyRight: 'Already right',
  },
  title: {
    warnings: 'Warnings',
    filters: 'Filters',
    gaps: 'Not stored as it should be',
    lostSources: 'Lost as a whole',
    putBeside: 'Put beside an existing file',
    notRestored: 'Not restored',
    damaged: 'What is left of damaged files, with zeros for what is lost',
  },

  /** The rules that decide what is backed up, as a test of filters names them; filters name themselves. */
  rules: {
    none: 'default',
    source: 'named as a source',
    filled: 'holds something that is kept',
    special: 'holds no bytes to back up',
    'no-include': 'no include matches',
    'ignore-filenames': '--ignore-filenames',
    'exclude-files-attributes': '--exclude-files-attributes',
    'symlink-policy': '--symlink-policy',
    'skip-files-larger-than': '--skip-files-larger-than',
    'exclude-empty-folders': '--exclude-empty-folders',
  },
  filterDecided: (filter: string, entries: string) => `${filter} decided on ${entries}`,

  versionWritten: (moment: string, isFull: boolean) =>
    `Version of ${moment} written${isFull ? '' : ', partial'}.`,
  versionStopped: (moment: string) =>
    `Stopped. What was stored by then is the version of ${moment}, partial; the next run goes on from it.`,
  finished: (moment: string) =>
    `What an interrupted run had stored is now the version of ${moment}, partial; this run went on from it.`,
  dryRun: () => 'Dry run: nothing was stored.',
  unchanged: () => 'Nothing changed since the newest version; no new one was written.',
  unchangedInTheRest: () => 'Nothing changed in what could be read; no new version was written.',
  indexRebuilt: () => 'The index was built again from the destination.',
  changes: (values: { added: string; changed: string; gone: string }) =>
    `${values.added} new, ${values.changed} changed, ${values.gone}`,
  versionRestored: (moment: string, isFull: boolean) => `Version of ${moment}${isFull ? '' : ' (partial)'}`,
  putAs: (path: string, as: string) => `${path} as ${as}`,
  leftOf: (file: { path: string; as: string; lost: string; ranges: readonly string[] }) =>
    `${file.path} as ${file.as}: ${file.lost} lost, bytes ${file.ranges.join(', ')}`,
  more: (count: string) => `and ${count} more; --full-result lists them`,

  versionContents: (values: { files: string; size: string; isFull: boolean }) =>
    `(${values.files}, ${values.size}${values.isFull ? '' : ', partial'})`,
  versionUnreadable: (reason: string) => `cannot be read: ${reason}`,
  versionHead: (number: number, moment: string) => `Version ${number} of ${moment}:`,
  nothingMatches: () => 'Nothing matches.',
  noGaps: () => 'No version has a gap: each holds all that was seen.',
  onlyInOlder: () => 'Nothing in the newest version matches; these versions have it:',

  entriesDone: (done: string, found: string, isAll: boolean) =>
    `${done} of ${found}${isAll ? '' : '+'} entries`,
  volumesDone: (done: string, found: string) => `${done} of ${found} volumes`,
  bytesDone: (done: string, found: string, isAll: boolean) => `${done} of ${found}${isAll ? '' : '+'}`,
  perSecond: (size: string) => `${size}/s`,
  waitingFor: (nextTry: number) => `waiting for the destination, try ${nextTry}`,
  left: (duration: string) => `${duration} left`,

  askPassphrase: () => 'Passphrase for the backup: ',
  askPassphraseAgain: () => 'The same passphrase again: ',
  cause: (text: string) => `Cause: ${text}`,
}

function counted(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${plurals.select(count) === 'one' ? one : other}`
}

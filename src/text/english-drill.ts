// The words of a drill: what was restored for the proof, and how it compares.

export const drillWords = {
  head: (values: { moment: string; isFull: boolean }) =>
    `Drill of the version of ${values.moment}${values.isFull ? '' : ' (partial)'}:`,
  allWell: () => 'All came back as it was.',
  alarm: (count: number) =>
    count === 1
      ? 'ALARM: one file did not pass.'
      : `ALARM: ${count.toLocaleString('en')} files did not pass.`,
  label: {
    drawn: 'Drawn',
    proven: 'Proven',
    changed: 'Changed',
    gone: 'Gone',
    unseen: 'Not seen',
    seed: 'Seed',
    took: 'Took',
  },
  drawn: (values: { drawn: string; size: string; from: string; tooLarge: number }) =>
    `${values.drawn}, ${values.size}, of ${values.from}` +
    (values.tooLarge > 0 ? `; ${values.tooLarge.toLocaleString('en')} larger ones were left aside` : ''),
  proven: (files: string) => `${files}: the source has the same bytes`,
  changed: (files: string) => `${files}: another content at the source since; restored as it was recorded`,
  gone: (files: string) => `${files}: no longer at the source; restored as it was recorded`,
  unseen: (files: string) => `${files}: restored as it was recorded, and not compared`,
  differs: 'Other bytes than the source has, though neither length nor time shows a change',
  differsAdvice: () =>
    'Restored as it was recorded. A disk of the source that fails looks like this, and so does a program that sets ' +
    'times back: restore such a file beside the other and look, before old versions go.',
  lost: 'Not restored',
  unseenTitle: 'Could not be compared',
  noHistory: () => 'No drill was made here yet.',
  record: (values: { moment: string; version: string; files: string; size: string; result: string }) =>
    `${values.moment}\tversion of ${values.version}\t${values.files}, ${values.size}\t${values.result}`,
  result: (values: { proven: number; changed: number; unseen: number; alarms: number }) =>
    [
      ...(values.alarms > 0 ? [`ALARM ${values.alarms}`] : []),
      `${values.proven} proven`,
      ...(values.changed > 0 ? [`${values.changed} changed since`] : []),
      ...(values.unseen > 0 ? [`${values.unseen} not compared`] : []),
    ].join(', '),
}

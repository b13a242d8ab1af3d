// The words of taking what cannot come back out of versions.

export const purgeBrokenWords = {
  nothing: () => 'Nothing is broken: every version gives back all that it lists.',
  dryRun: () => 'Dry run: nothing was changed.',
  done: (versions: number) =>
    `Taken out of ${versions === 1 ? 'one version' : `${versions.toLocaleString('en')} versions`}; ` +
    'every version gives back all that it lists now.',
  refused: (what: string, advice: string) => `It would be refused: ${what}. ${advice}`,
  healable: (count: number) =>
    `${count.toLocaleString('en')} of this is in the newest version: run a backup first, ` +
    'it stores anew what is still at its source.',
  version: (values: {
    moment: string
    to: string | undefined
    entries: string
    size: string
    blank: number
  }) =>
    `Version of ${values.moment}: ${values.entries}, ${values.size}` +
    (values.blank > 0 ? `; times, mode and owner of ${values.blank.toLocaleString('en')}` : '') +
    (values.to === undefined ? '' : `; now dated ${values.to}`),
  emptied: (moment: string, dryRun: boolean) =>
    `Version of ${moment}: nothing is left of it, ${dryRun ? 'it would go' : 'it is deleted'}`,
  blank: () => 'times, mode and owner',
  waiting: (count: number) =>
    `${count === 1 ? 'One old file list' : `${count.toLocaleString('en')} old file lists`} ` +
    'can go only when the destination allows it.',
}

// The words of giving space back.
export const spaceWords = {
  reason: {
    unused: () => 'nothing in it is needed',
    wasteful: (percent: number) => `${percent} % of it is not needed`,
    small: () => 'small, merged with others',
  },
  dropped: 'Not needed',
  rewritten: 'Written anew',
  unreadable: 'Could not be read, and stays',
  nothing: () => 'There is nothing to give back.',
  dryRun: () => 'Dry run: nothing was changed.',
  freed: (values: { freed: string; written: string | undefined }) =>
    values.written === undefined
      ? `Files of ${values.freed} are not needed any more.`
      : `Files of ${values.freed} are not needed any more; what was of use in them takes ${values.written} now.`,
  wouldFree: (values: { freed: string }) =>
    `Files of ${values.freed} would go, what is needed of them written anew.`,
  deleteFrom: (moment: string) => `They are deleted from ${moment} on, by the next backup or compact.`,
  waiting: (files: string) => `${files} of the backup wait to be deleted.`,
  deleted: (files: string, bytes: string) => `${files} (${bytes}) that had waited were deleted.`,
}

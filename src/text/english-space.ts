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
  freed: (values: { freed: string; written: string }) =>
    `${values.freed} go, ${values.written} were written anew.`,
  wouldFree: (values: { freed: string }) =>
    `Files of ${values.freed} would go, what is needed of them written anew.`,
  deleteFrom: (moment: string) => `They are deleted from ${moment} on, by the next backup or compact.`,
  deleted: (files: string, bytes: string) => `${files} (${bytes}) that had waited were deleted.`,
}

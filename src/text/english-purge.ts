// The words of a purge: what was taken out of which versions.

export const purgeWords = {
  gone: 'Gone',
  wouldGo: 'Would go',
  changed: 'Versions changed',
  wouldChange: 'Versions that would change',
  dryRun: () => 'Dry run: nothing was changed.',
  done: (paths: number, versions: number) =>
    `${counted(paths, 'path', 'paths')} taken out of ${counted(versions, 'version', 'versions')}.`,
  version: (values: {
    moment: string
    /** Undefined in a dry run. */
    to: string | undefined
    entries: string
    size: string
  }) =>
    `${values.moment}  ${values.entries}, ${values.size}${values.to === undefined ? '' : `; now dated ${values.to}`}`,
  unnamed: (count: number) => `  and ${count.toLocaleString('en')} more paths`,
  waiting: (count: number) =>
    `${counted(count, 'old file list', 'old file lists')} can go only when the destination allows it.`,
}

function counted(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : other}`
}

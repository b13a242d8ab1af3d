// The words of reports on checks and repairs in English.
const plurals = new Intl.PluralRules('en')

export const englishChecks = {
  whole: () => 'All that was read is what was stored.',
  faulty: (count: number) => `${counted(count, 'volume is', 'volumes are')} damaged or missing.`,
  nothingExamined: () => 'There is nothing to read: no volume was examined.',
  label: { examined: 'Examined', coverage: 'Coverage', took: 'Took' },
  title: {
    faulty: 'Damaged or missing',
    broken: 'Cannot be restored as they were',
    remade: 'Written again',
    wouldRemake: 'Would be written again',
    forgotten: 'Missing or changed, not counted on any more',
  },
  nothingBroken: () => 'No version needs anything that is lost.',
  listLost: () => 'its file list',
  metadataOnly: () => 'only times, mode and owner',
  compared: (base: string, to: string) => `From the version of ${base} to that of ${to}:`,
  different: (kind: 'added' | 'modified' | 'deleted', entries: string, size: string) =>
    `${{ added: 'Added', modified: 'Modified', deleted: 'Deleted' }[kind]}: ${entries}, ${size}`,
  nothingToRepair: () => 'There is nothing to repair.',
  remade: (kind: string, name: string) => (kind === 'dindex' ? `a dindex of ${name}` : `${kind} ${name}`),
  readAgain: (count: number) => `The next backup reads ${counted(count, 'entry', 'entries')} again.`,
  volumes: (count: number) => counted(count, 'volume', 'volumes'),
  ofKinds: (values: { dlists: number; dindexes: number; dblocks: number }) =>
    `${values.dlists} dlist, ${values.dindexes} dindex, ${values.dblocks} dblock`,
  coverage: (values: { percent: number; total: string; days: number }) =>
    `${values.percent} % of ${values.total} read and found whole within ${counted(values.days, 'day', 'days')}`,
  broken: (values: { entries: number; versions: number }) =>
    `${counted(values.entries, 'entry', 'entries')} in ${counted(values.versions, 'version', 'versions')}`,
  nextBackupHeals: () =>
    'The next backup reads again what it needs of this, and stores it anew while it is still at its source.',
}

function counted(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${plurals.select(count) === 'one' ? one : other}`
}

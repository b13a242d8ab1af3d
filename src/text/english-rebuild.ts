// The words of rebuilding the index.
const plurals = new Intl.PluralRules('en')

export const rebuildWords = {
  done: () => 'The index was built anew from the backup.',
  dryRun: () => 'Dry run: an index was built from the backup and thrown away.',
  label: { knows: 'It knows', read: 'Read', took: 'Took' },
  counts: (values: { versions: number; volumes: number; blocks: number }) =>
    [
      counted(values.versions, 'version', 'versions'),
      counted(values.volumes, 'volume', 'volumes'),
      counted(values.blocks, 'block', 'blocks'),
    ].join(', '),
  kinds: (values: { dlist: number; dindex: number; dblock: number }) =>
    `${values.dlist} dlist, ${values.dindex} dindex, ${values.dblock} dblock`,
  goneOnFrom: (count: number) =>
    `${counted(count, 'volume', 'volumes')} had been read by an earlier rebuild that was cut off.`,
  dblocksRead: (count: number) =>
    `${counted(count, 'dblock', 'dblocks')} had to be read: no dindex says rightly what is in them.`,
}

function counted(count: number, one: string, other: string): string {
  return `${count.toLocaleString('en')} ${plurals.select(count) === 'one' ? one : other}`
}

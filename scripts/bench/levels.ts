// What each level of compression costs and gives: first backups of the same trees, one level after the other. It is
// what docs/decisions/0007-compression-level.md rests on.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '../demo/fresh-folder.ts'
import { dataSets, sizeOf, type DataSet } from './data-sets.ts'
import type { MeasuredCommands } from './measured-command.ts'
import { peers } from './peers.ts'
import { costText, table } from './report.ts'

const levels = [0, 1, 3, 6, 9]
const trees: readonly DataSet[] = ['small', 'tree', 'photos']

/** A Markdown table: each row is a tree at a level. Told line by line as it comes, too. */
export async function levelTable(bench: {
  readonly folder: string
  readonly seed: number
  readonly scale: number
  readonly ours: readonly string[]
  readonly commands: MeasuredCommands
}): Promise<string> {
  const { folder, ours, commands } = bench
  const work = join(folder, 'work')
  const rows: string[][] = []
  for (const data of trees) {
    freshFolder(work)
    const tree = join(work, 'tree')
    mkdirSync(tree)
    dataSets[data](tree, bench)
    const { bytes } = sizeOf(tree)
    for (const level of levels) {
      const repository = join(work, `level${level}`)
      const backupOptions = [`--zip-compression-level=${level}`]
      const peer = peers.ours({ repository, caches: work, ours, backupOptions })
      await commands.run({ program: 'sync', args: [] })
      const cost = await commands.run(peer.backup('first', tree))
      const share = `${((100 * sizeOf(repository).bytes) / bytes).toFixed(1)} %`
      rows.push([data, String(level), share, costText(cost)])
      console.error(rows.at(-1)?.join(' '))
    }
  }
  freshFolder(work)
  return table(['data', 'level', 'stored', 'wall / CPU / MiB'], rows)
}

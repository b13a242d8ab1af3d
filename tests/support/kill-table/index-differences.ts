// The index as it is, beside one that is built anew from the destination: they must say the same, or the next runs
// would do other things than they should.
import { join } from 'node:path'
import { openIndex, type Index } from '../../../src/index-db/open-index.ts'
import type { Place, Scene, TreeNumber } from './scene.ts'

/** What an index says, by what it is about; without row numbers, which follow from how it came to be. */
const queries: Readonly<Record<string, string>> = {
  // When the destination was last read again is known to one index alone.
  setting: "SELECT name, value FROM setting WHERE name = 'blocksize'",
  volume: 'SELECT name, kind, size_bytes FROM volume',
  // Whether a volume was looked at again since it was confirmed, a new index cannot know.
  state: "SELECT name, state FROM volume WHERE state NOT IN ('uploaded', 'verified')",
  dindex: `SELECT a.name, b.name FROM volume a JOIN volume b ON b.id = a.describes`,
  block: 'SELECT lower(hex(hash)), block.size_bytes, name FROM block JOIN volume ON id = volume_id',
  version: `SELECT time_ms, version.state, is_full, name FROM version LEFT JOIN volume ON volume.id = dlist_id`,
  entry: `SELECT path || name, a.time_ms, b.time_ms, kind, size_bytes, hex(hash), hex(meta_hash)
    FROM entry JOIN folder ON folder.id = folder_id
    JOIN version a ON a.id = since LEFT JOIN version b ON b.id = until`,
}

/** As sentences. Runs the backup once more with a new index, which finds nothing to store. */
export async function indexDifferences(scene: Scene, place: Place, tree: TreeNumber): Promise<string[]> {
  const anew = join(place.folder, '..', 'anew.sqlite')
  const { exitCode, text } = await scene.run(scene.backupArgs(place, tree, anew))
  if (exitCode !== 1) return [`a run with a new index ends with ${exitCode}: ${text}`]
  const [is, should] = [said(place.index), said(anew)]
  return [
    ...[...is].filter((line) => !should.has(line)).map((line) => `the index says what is not so: ${line}`),
    ...[...should].filter((line) => !is.has(line)).map((line) => `the index does not say: ${line}`),
  ]
}

/** Everything, as sentences that two indexes of one backup share. */
export function said(path: string): Set<string> {
  const index = openIndex(path)
  try {
    return new Set(Object.entries(queries).flatMap(([about, query]) => rowsOf(index, about, query)))
  } finally {
    index.close()
  }
}

function rowsOf(index: Index, about: string, query: string): string[] {
  const rows = index.database.prepare(query).all()
  return rows.map((row) => `${about} ${row.map((value) => String(value)).join(' ')}`)
}

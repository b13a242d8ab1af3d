// The index as it is, beside one that is built anew from the destination: they must say the same, or the next runs
// would do other things than they should.
import { join } from 'node:path'
import { rowDifferences } from '../index-rows.ts'
import type { Place, Scene, TreeNumber } from './scene.ts'

/** As sentences. Runs the backup once more with a new index, which finds nothing to store. */
export async function indexDifferences(scene: Scene, place: Place, tree: TreeNumber): Promise<string[]> {
  const anew = join(place.folder, '..', 'anew.sqlite')
  const { exitCode, text } = await scene.run(scene.backupArgs(place, tree, anew))
  if (exitCode !== 1) return [`a run with a new index ends with ${exitCode}: ${text}`]
  return rowDifferences(place.index, anew)
}

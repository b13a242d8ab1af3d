// The usual beginning of a test that needs a backup to do something with.
import { join } from 'node:path'
import { TestBackup } from './run-engine.ts'
import { tempFolder } from './temp-folder.ts'
import { manyFiles } from './trees.ts'

/** A tree of so many small files in a folder of its own, and a backup of it beside the tree. */
export async function backedUpFiles(
  count: number,
): Promise<{ readonly folder: string; readonly tree: string; readonly backup: TestBackup }> {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  manyFiles(tree, count)
  const backup = new TestBackup(folder)
  await backup.backUp(tree)
  return { folder, tree, backup }
}

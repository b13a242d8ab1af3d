// What happens to all that lies below the path of a source: it leaves the new version when the source is no longer one
// of the backup's, and goes back to what the last version has when the source cannot be trusted.
import type { EntryRow } from '../../index-db/entry-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import { splitPath } from '../split-path.ts'

/** Ends every entry that lies under none of the sources' paths. Returns how many. */
export function removeOtherRoots(index: Index, mountPaths: readonly string[], versionId: number): number {
  let removed = 0
  for (const row of ofOtherRoots(index, mountPaths)) {
    index.entries.end(row, versionId)
    removed += 1
  }
  return removed
}

/** True if the last version holds anything that lies under none of the sources' paths. */
export function hasOtherRoots(index: Index, mountPaths: readonly string[]): boolean {
  return ofOtherRoots(index, mountPaths).next().done === false
}

function* ofOtherRoots(index: Index, mountPaths: readonly string[]): Generator<EntryRow> {
  const roots = mountPaths.map((path) => (path === '/' ? '/' : `${path}/`))
  for (const folder of index.entries.foldersOutside(roots)) {
    for (const row of index.entries.live(folder.id)) {
      const path = folder.path + row.name
      if (!mountPaths.some((root) => path === root || isWithin(path, root))) yield row
    }
  }
}

/**
 * Ends every entry of a source, which was seen to its end, whose folder is no entry: a partial version may hold a file
 * without its folder, and a forged one anything. Nobody looks into such a folder again. Returns how many.
 */
export function removeFolderless(index: Index, mountPath: string, versionId: number): number {
  const { entries } = index
  let removed = 0
  for (const path of entries.foldersBelow(mountPath === '/' ? '/' : `${mountPath}/`)) {
    const { folderText, name } = splitPath(path)
    if (!entries.liveOne(entries.folderId(folderText), name)) removed += entries.endBelow(path, versionId)
  }
  return removed
}

/** Undoes what this version has changed of a source. */
export function takeBackSource(index: Index, mountPath: string, versionId: number): void {
  const { entries } = index
  for (const path of [mountPath, `${mountPath}/`]) {
    const { folderText, name } = splitPath(path)
    entries.takeBackOne({ folderId: entries.folderId(folderText), name, since: versionId })
  }
  entries.takeBackBelow(mountPath === '/' ? '/' : `${mountPath}/`, versionId)
}

/** True for the folder itself and all below it; `folderPath` has its trailing separator. */
function isWithin(folderPath: string, root: string): boolean {
  return root === '/' || folderPath.startsWith(`${root}/`)
}

// A folder that is no longer among the sources of a backup is not in its new versions; earlier versions keep it.
import type { Index } from '../../index-db/open-index.ts'

/** Ends every entry that lies under none of the sources' paths. Returns how many. */
export function removeOtherRoots(index: Index, mountPaths: readonly string[], versionId: number): number {
  let removed = 0
  for (const folder of index.entries.folders()) {
    if (mountPaths.some((root) => isWithin(folder.path, root))) continue
    for (const row of index.entries.live(folder.id)) {
      const path = folder.path + row.name
      if (mountPaths.some((root) => path === root || isWithin(path, root))) continue
      index.entries.end(row, versionId)
      removed += 1
    }
  }
  return removed
}

/** True for the folder itself and all below it; `folderPath` has its trailing separator. */
function isWithin(folderPath: string, root: string): boolean {
  return root === '/' || folderPath.startsWith(`${root}/`)
}

// Builds an index again from the destination alone: all dindexes, then all file lists, oldest first; dblocks only where
// no dindex describes them. One transaction: whoever dies in the middle leaves the index as it was.
import { isPullbackError } from '../../base/errors.ts'
import { markUnstored } from '../../index-db/unstored-entries.ts'
import { takeBackUnfinished } from '../set/take-back.ts'
import { withVolume } from '../volumes/fetch-volume.ts'
import { carryOver } from './carry-over.ts'
import { loadBlocks, type Loading } from './load-dindex.ts'
import { loadDlist } from './load-dlist.ts'

/**
 * Empties the index and fills it. A damaged file list is told of and left out. Returns how many entries of the newest
 * version need blocks that no volume holds: they are marked to be read again. In a dry run the caller takes all of it
 * back.
 */
export async function rebuildIndex(loading: Loading, dryRun = false): Promise<number> {
  const { index, listing, fetching, warn } = loading
  index.begin()
  try {
    const carry = carryOver(index)
    index.clear()
    await loadBlocks(loading)
    for (const dlist of listing.dlists) {
      try {
        await withVolume(fetching, dlist, async (open, { sha256 }) => {
          await loadDlist(index, { ...dlist, sha256 }, open)
        })
      } catch (error) {
        if (!isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported')) throw error
        warn(error)
        takeBackUnfinished(index)
        const { name, sizeBytes } = dlist
        const row = index.volumes.find(name)
        const id = row?.id ?? index.volumes.addPresent({ name, kind: 'dlist', sizeBytes })
        index.volumes.noteDamage(id, error.what)
      }
    }
    carry(index)
    const unstored = markUnstored(index.database)
    if (!dryRun) index.commit()
    return unstored
  } catch (error) {
    index.rollback()
    throw error
  }
}

// Makes an index say what a listing of the destination holds: all dindexes, all file lists, oldest first, then those
// dblocks that no dindex describes, or whose dindex does not give the blocklists that file lists name. What the index
// has taken in already is not fetched again, and what is no longer there as it was is forgotten first: so a rebuild
// that was cut off goes on, and one that took its time catches up.
import { isPullbackError } from '../../base/errors.ts'
import { dropVersions } from '../../index-db/drop-versions.ts'
import type { Index } from '../../index-db/open-index.ts'
import { UnknownBlocklists } from '../../index-db/unknown-blocklists.ts'
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'
import { takeBackUnfinished } from '../set/take-back.ts'
import { withVolume } from '../volumes/fetch-volume.ts'
import { everyVolume, type ListedDlist, type VolumeListing } from '../volumes/list-volumes.ts'
import { loadDblocks, loadDindexes, loadUndescribed, type Loading } from './load-dindex.ts'
import { loadDlist } from './load-dlist.ts'

/** A damaged file list is told of and left out. Returns how many volumes the index had already taken in. */
export async function fillIndex(loading: Loading): Promise<number> {
  const { index, listing, watch } = loading
  index.begin()
  forgetOthers(index, listing)
  const known = index.volumes.all().length
  const dlists = listing.dlists.filter(({ name }) => !index.volumes.find(name))
  watch?.expected(dlists)
  await loadDindexes(loading)
  for (const dlist of dlists) await loadList(loading, dlist)
  const lists = new UnknownBlocklists(index.database)
  const wanting = { ...loading, wantsList: (hash: Buffer): boolean => lists.has(hash) }
  await loadUndescribed(wanting)
  for (const id of lists.volumes()) await loadLists(wanting, id)
  return known
}

/** From a dblock whose dindex does not give them. */
async function loadLists(loading: Loading, volumeId: number): Promise<void> {
  const { index, listing, watch } = loading
  const dblock = listing.dblocks.get(index.volumes.get(volumeId)?.name ?? '')
  if (!dblock) return
  watch?.expected([dblock])
  await loadDblocks(loading, [dblock])
}

async function loadList(loading: Loading, dlist: ListedDlist): Promise<void> {
  const { index, fetching, warn, watch } = loading
  try {
    await withVolume(fetching, dlist, async (open, { sha256 }) => {
      await loadDlist(index, { ...dlist, sha256 }, open)
    })
  } catch (error) {
    if (!isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported', 'DestinationFileMissing')) throw error
    warn(error)
    takeBackUnfinished(index)
    const { name, sizeBytes } = dlist
    const row = index.volumes.find(name)
    const id = row?.id ?? index.volumes.addPresent({ name, kind: 'dlist', sizeBytes })
    index.volumes.noteDamage(id, error.what)
  }
  watch?.taken(dlist)
}

/** Forgets what is not listed as the index has it, and what can only be taken in again in another order. */
function forgetOthers(index: Index, listing: VolumeListing): void {
  const listed = new Map([...everyVolume(listing)].map(({ name, sizeBytes }) => [name, sizeBytes]))
  const rows = index.volumes.all()
  const isStale = (row: VolumeRow): boolean => !isPresent(row) || listed.get(row.name) !== row.sizeBytes
  const stale = new Set(rows.filter(isStale).map(({ id }) => id))
  // What a dblock holds is taken from its dindex again.
  for (const { id, describes } of rows) if (describes !== undefined && stale.has(describes)) stale.add(id)
  const gone = index.versions.all().filter(({ dlistId }) => dlistId === undefined || stale.has(dlistId))
  const kept = new Set(rows.filter(({ id }) => !stale.has(id)).map(({ name }) => name))
  // Versions are taken in oldest first: those after one that is new to the index are taken in again, after it.
  const [firstNew] = listing.dlists.filter(({ name }) => !kept.has(name))
  const later = index.versions.all().filter(({ timeMs }) => firstNew && timeMs > firstNew.timeMs)
  for (const { dlistId } of later) if (dlistId !== undefined) stale.add(dlistId)
  const versions = new Set([...gone, ...later].map(({ id }) => id))
  if (versions.size > 0) dropVersions(index.database, [...versions])
  index.blocks.dropVolumes([...stale])
  for (const id of stale) index.volumes.remove(id)
}

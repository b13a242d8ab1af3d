// Deletes versions, slowly: the intent is in the index before anything happens, then the destination is listed a
// second time, and only if it holds what is to stay do the file lists of the chosen versions go. Whoever dies in
// between leaves rows from which the next call goes on. Blocks that no version needs any more are left to compaction.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { dropVersions } from '../../index-db/drop-versions.ts'
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'
import type { OpenSet } from '../set/open-set.ts'
import { listVolumes, type VolumeListing } from '../volumes/list-volumes.ts'

export interface Deletion {
  /** Times of the versions that are gone. */
  readonly deletedMs: readonly number[]
  /** How many wait, because the destination does not let them go. */
  readonly waiting: number
}

/** Takes the dlists of the versions to be deleted; an empty list goes on with what an earlier run began. */
export async function deleteVersions(open: OpenSet, dlistIds: readonly number[]): Promise<Deletion> {
  const { index, run } = open
  index.begin()
  for (const id of dlistIds) index.volumes.markDeleting(id, run.clock.nowMs())
  index.commit()
  const begun = index.volumes.all().filter((row) => row.kind === 'dlist' && row.state === 'deleting')
  if (begun.length > 0) await deleteLists(open, begun)
  return { deletedMs: forgetDeleted(open), waiting: begun.filter((row) => !isGone(open, row)).length }
}

async function deleteLists(open: OpenSet, begun: readonly VolumeRow[]): Promise<void> {
  const { set, run, index, warnings } = open
  run.progress.phase = 'deleting old versions'
  const listing = await listVolumes(set.target, set.prefix, run.signal)
  checkWhatStays(open, listing)
  const listed = new Map(listing.dlists.map((dlist) => [dlist.name, dlist]))
  for (const row of begun) {
    const dlist = listed.get(row.name)
    if (dlist && listing.pinnedMs.has(dlist.timeMs)) continue
    if (dlist && dlist.sizeBytes !== row.sizeBytes) {
      warnings.push(`${row.name} was not deleted: it has another size than when it was written`)
      continue
    }
    try {
      if (dlist) await set.target.delete(row.name, run.signal)
    } catch (error) {
      if (!isPullbackError(error, 'DestinationPermission')) throw error
      warnings.push(`${set.target.label} does not let old versions be deleted: they wait until it does`)
      return
    }
    index.volumes.setState(row.id, 'deleted')
    index.commit()
  }
}

/** The second look: a destination that shows less than it should is no place to delete anything from. */
function checkWhatStays({ set, index }: OpenSet, listing: VolumeListing): void {
  const listed = new Map(listing.dlists.map((dlist) => [dlist.name, dlist.sizeBytes]))
  for (const row of index.volumes.all()) {
    if (row.kind !== 'dlist' || !isPresent(row) || listed.get(row.name) === row.sizeBytes) continue
    throw new PullbackError('DestinationFailed', {
      what: `${row.name} is to stay and is not listed by ${set.target.label} as it was sent`,
      subject: row.name,
      meaning: 'No version was deleted.',
    })
  }
}

/** The versions whose file lists are gone leave the index, and their names with them. */
function forgetDeleted({ index }: OpenSet): number[] {
  const gone = new Set(
    index.volumes
      .all()
      .filter((row) => row.kind === 'dlist' && row.state === 'deleted')
      .map((row) => row.id),
  )
  if (gone.size === 0) return []
  const versions = index.versions.all().filter(({ dlistId }) => dlistId !== undefined && gone.has(dlistId))
  dropVersions(
    index.database,
    versions.map((version) => version.id),
  )
  for (const id of gone) index.volumes.remove(id)
  index.commit()
  return versions.map((version) => version.timeMs)
}

function isGone({ index }: OpenSet, row: VolumeRow): boolean {
  return index.volumes.get(row.id) === undefined
}

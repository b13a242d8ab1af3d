// Makes sure that the index of a run says what the destination holds. An index that is lost, old or broken is built
// again from the destination; nothing at the destination is ever deleted because an index does not know it.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import type { Clock } from '../../base/clock.ts'
import { openIndex, type Index } from '../../index-db/open-index.ts'
import { swapIndex } from '../../index-db/swap-index.ts'
import { markUnstored } from '../../index-db/unstored-entries.ts'
import { isPresent, type VolumeKind, type VolumeRow } from '../../index-db/volume-table.ts'
import { buildIndex, openBeside, type RebuildTally } from '../rebuild/build-beside.ts'
import { carryOver } from '../rebuild/carry-over.ts'
import { fetchHashed, type Fetching } from '../volumes/fetch-volume.ts'
import { everyVolume, type VolumeListing } from '../volumes/list-volumes.ts'

/** What arrived and cannot be used waits as long as what is no longer needed does: a day. */
const debrisStaysMs = 86_400_000
const rebuiltName = 'rebuilt.sqlite'

interface Preparation {
  readonly dryRun: boolean
  readonly clock: Clock
  readonly listing: VolumeListing
  readonly fetching: Fetching
  /** Takes sentences for the report. */
  readonly warnings: string[]
}

/** A volume in which index and destination differed. */
export interface Difference {
  readonly name: string
  readonly kind: VolumeKind
  readonly status: 'missing' | 'modified' | 'unknown'
  readonly error: PullbackError
}

/** Settles what a dead run left. Returns in what the index and the destination differ. */
export async function settleWithDestination(index: Index, preparation: Preparation): Promise<Difference[]> {
  const { listing, fetching } = preparation
  refuseEmptied(index, preparation)
  index.begin()
  // The lock is ours, so no volume that this index knows is on its way: its temporary name is left over.
  const abandoned = new Set(index.volumes.all().map((row) => row.name))
  if (!preparation.dryRun) await fetching.target.sweep({ abandoned, signal: fetching.signal })
  await settleUploads(index, preparation)
  if (!preparation.dryRun) index.commit()
  return differencesOf(index, listing)
}

/** An index that was built again, or is to be. */
export interface Rebuilding {
  /** Also when nothing differs. */
  readonly isAskedFor: boolean
  readonly tally: RebuildTally
}

/**
 * The index if it says what the destination holds, else one that was built again and has taken its place; in a dry run
 * it lies in the spool, and is the caller's to close.
 */
export async function rebuildIfDifferent(
  index: Index,
  { dryRun, clock, listing, fetching, warnings, rebuilding }: Preparation & { rebuilding: Rebuilding },
): Promise<Index> {
  const [first] = differencesOf(index, listing)
  if (!first && !rebuilding.isAskedFor) return index
  const isNew = index.volumes.all().length === 0
  if (first && !isNew) warnings.push(`the index is built again from the backup: ${first.error.what}`)
  const built = dryRun
    ? openIndex(fetching.spool.path(rebuiltName), { clock })
    : openBeside(index.path, clock)
  try {
    const warn = (error: PullbackError): void => void warnings.push(error.what)
    await buildIndex({ fetching, listing, index: built, warn, purpose: 'index' }, rebuilding.tally)
    carryOver(index, built, { agreed: !first })
    const unstored = markUnstored(built.database)
    if (unstored > 0) {
      warnings.push(
        `${unstored} entries of the newest version need blocks that are no longer at ${fetching.target.label}: ` +
          'the next backup reads them again, and stores what their source still has',
      )
    }
    return dryRun ? built : swapIndex(index, built)
  } catch (error) {
    // What was committed on the way is gone on from; who knows what is half done.
    built.rollback()
    built.close()
    throw error
  }
}

/** A disk that is not mounted looks like an empty folder: it must not become the beginning of a new backup. */
function refuseEmptied(index: Index, { listing, fetching }: Preparation): void {
  const versions = index.versions.all().filter((version) => version.state === 'complete')
  if (versions.length === 0 || !everyVolume(listing).next().done) return
  const { label } = fetching.target
  throw new PullbackError('DestinationEmptied', {
    what: `${label} holds no backup, and the index ${index.path} knows ${versions.length} versions there`,
    subject: label,
  })
}

/**
 * Volumes of a run that died: what is at the destination as it was announced counts as uploaded. The blocks of all
 * else are forgotten, and will be read and stored again. A file list that arrived completes its version; one that was
 * to take the place of another (purge) goes again, as the other one still holds.
 */
async function settleUploads(index: Index, preparation: Preparation): Promise<void> {
  const listed = new Map(
    [...everyVolume(preparation.listing)].map((volume) => [volume.name, volume.sizeBytes]),
  )
  const lost: number[] = []
  const building = index.versions.building()
  for (const row of index.volumes.all()) {
    if (!isUnsettled(row)) continue
    const sizeBytes = row.state === 'uploading' ? listed.get(row.name) : undefined
    if (
      sizeBytes === row.sizeBytes &&
      sizeBytes !== undefined &&
      (await isAsAnnounced(row, preparation.fetching))
    ) {
      index.volumes.setState(row.id, 'uploaded')
      if (building?.dlistId === row.id) index.versions.complete(building.id)
      else if (row.kind === 'dlist' && !isOfComplete(index, row)) index.volumes.markDeleting(row.id, 0)
      continue
    }
    lost.push(row.id)
    if (sizeBytes === undefined) index.volumes.remove(row.id)
    else leaveToDeletion(index, row, { sizeBytes, notBeforeMs: preparation.clock.nowMs() + debrisStaysMs })
  }
  index.blocks.dropVolumes(lost)
}

/** What arrived and is not what was sent keeps its name in the index: it is ours, known, and counts for nothing. */
function leaveToDeletion(
  index: Index,
  { id }: VolumeRow,
  { sizeBytes, notBeforeMs }: { readonly sizeBytes: number; readonly notBeforeMs: number },
): void {
  index.volumes.setSize(id, sizeBytes)
  if (isOfComplete(index, { id })) {
    // To be written again beside it: what is marked to go would take its version along.
    index.volumes.setState(id, 'uploaded')
    index.volumes.noteDamage(id, 'it is not what was sent')
    return
  }
  index.volumes.markDeleting(id, notBeforeMs)
  const building = index.versions.building()
  // Its name is taken: the version gets its file list under the next second.
  if (building?.dlistId === id)
    index.versions.replaceList(building.id, { timeMs: building.timeMs + 1000, dlistId: id })
}

/** The file list of a version that is complete: one that was lost, and was on its way again (repair). */
function isOfComplete({ versions }: Index, { id }: Pick<VolumeRow, 'id'>): boolean {
  return versions.all().some(({ state, dlistId }) => state === 'complete' && dlistId === id)
}

function isUnsettled(row: VolumeRow): boolean {
  return row.state === 'temporary' || row.state === 'uploading'
}

/** False also for what cannot be read while the destination answers otherwise: no run is to wait for one file. */
async function isAsAnnounced(row: VolumeRow, fetching: Fetching): Promise<boolean> {
  const { spool, target, signal } = fetching
  try {
    const file = await fetchHashed(fetching, { name: row.name, sizeBytes: row.sizeBytes ?? 0 })
    spool.remove(file.path)
    return row.sha256 !== undefined && file.sha256.equals(row.sha256)
  } catch (error) {
    if (!isPullbackError(error, 'VolumeDamaged', 'DestinationFailed', 'DestinationFileMissing')) throw error
    await target.stat(row.name, signal)
    return false
  }
}

/** What of the destination the index does not know or knows wrongly. */
function differencesOf(index: Index, listing: VolumeListing): Difference[] {
  const known = new Map(index.volumes.all().map((row) => [row.name, row]))
  const found: Difference[] = []
  const differ = (row: Pick<Difference, 'name' | 'kind' | 'status'>, what: string): void => {
    const error = new PullbackError('VolumeDamaged', { what, subject: row.name })
    found.push({ name: row.name, kind: row.kind, status: row.status, error })
  }
  for (const { name, sizeBytes, parsed } of everyVolume(listing)) {
    const row = known.get(name)
    known.delete(name)
    const about = { name, kind: parsed.kind }
    if (!row) differ({ ...about, status: 'unknown' }, `the index does not know ${name}`)
    else if (row.sizeBytes !== sizeBytes) {
      differ(
        { ...about, status: 'modified' },
        `${name} has ${sizeBytes} bytes, and was stored with ${row.sizeBytes}`,
      )
    }
  }
  for (const row of known.values()) {
    if (isPresent(row)) differ({ ...row, status: 'missing' }, `${row.name} is no longer at the destination`)
  }
  return found
}

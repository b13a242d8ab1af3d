// Takes what cannot come back out of the versions that list it, so that every version gives back all that it lists.
// Files whose content is lost go; where only times, mode and owner are lost, the entry stays without them. Each version
// says afterwards, among its gaps, what was taken out of it. What a backup could still heal from the source is left to
// that, unless a person says otherwise. Volumes that are of no use any more are only marked to go.
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import { sha256 } from '../../base/hash.ts'
import { emptyMetadata } from '../../format/metadata.ts'
import type { PathRow } from '../../index-db/entry-table.ts'
import type { GapRow } from '../../index-db/gap-table.ts'
import { LostEntries, type LostFromVersion, type LostPath } from '../../index-db/lost-entries.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import { brokenEntries } from '../check/broken-entries.ts'
import { deleteVersions } from '../retention/delete-versions.ts'
import { removalError } from '../retention/removal-error.ts'
import { profileOf } from '../set/new-volume.ts'
import { openPress } from '../set/open-press.ts'
import type { OpenSet } from '../set/open-set.ts'
import { replaceList, versionsThere } from './replace-list.ts'

export interface PurgeBrokenOrder {
  readonly dryRun: boolean
  /** A person said yes to losing what a backup may still heal, and the last files of the newest full version. */
  readonly isConfirmed: boolean
  /** At most so many paths of each version are named. */
  readonly listed: number
  /** From marking volumes that are of no use any more to deleting them. */
  readonly deleteAfterMs: number
}

export interface PurgedBrokenVersion extends LostFromVersion {
  readonly timeMs: number
  /** The time that it has from now on; undefined in a dry run, and when nothing is left of it and it goes. */
  readonly newTimeMs: number | undefined
  /** All of them, or the first few. */
  readonly paths: readonly LostPath[]
}

export interface PurgeBrokenReport {
  readonly dryRun: boolean
  /** Those that list something that cannot come back, newest first; none: there is nothing to do. */
  readonly versions: readonly PurgedBrokenVersion[]
  /** Entries of the newest version among them: the next backup reads them again if they are still at their source. */
  readonly healable: number
  /** In a dry run: why nothing would be changed. */
  readonly refused: PullbackError | undefined
  /** Old file lists that the destination does not let go. */
  readonly waiting: number
}

interface Affected {
  readonly version: VersionRow
  readonly lost: LostFromVersion
}

const blank = { hash: sha256(emptyMetadata), sizeBytes: emptyMetadata.length }
/** Of one version: they are held in memory. */
const mostNamed = 100_000

/** `VersionPinned`, `LastFullVersion` or `RemovalRefused` when nothing may be changed; a dry run reports that. */
export async function purgeBroken(open: OpenSet, order: PurgeBrokenOrder): Promise<PurgeBrokenReport> {
  const { index, run } = open
  const { dryRun } = order
  run.progress.phase = 'looking for what goes'
  index.begin()
  const lost = findLost(index)
  const affected = versionsThere(index)
    .map((version) => ({ version, lost: lost.of(version.id) }))
    .filter((one) => one.lost.goes + one.lost.blank > 0)
    .reverse()
  const healable = healableIn(index, affected)
  const refused = refusalOf(open, { affected, healable, order })
  if (refused && !dryRun) throw refused
  if (!dryRun && affected.some((one) => one.lost.blank > 0)) await storeBlank(open)
  const versions: PurgedBrokenVersion[] = []
  const emptied: number[] = []
  for (const { version, lost: counts } of affected) {
    throwIfAborted(run.signal)
    const paths = lost.first(version.id, Math.min(order.listed, mostNamed))
    const isEmptied = counts.left === 0
    if (isEmptied && version.dlistId !== undefined) emptied.push(version.dlistId)
    const newTimeMs = dryRun || isEmptied ? undefined : await rewrite(open, version, lost)
    versions.push({ timeMs: version.timeMs, newTimeMs, paths, ...counts })
  }
  const found = { dryRun, versions, healable, refused }
  if (dryRun) return { ...found, waiting: 0 }
  index.entries.forgetEmptyFolders()
  markUseless(open, order.deleteAfterMs)
  // Looks at the destination once more: the old lists go only if all that are to stay are there. Those of a run that
  // was interrupted go, too.
  const { waiting } = await deleteVersions(open, emptied)
  return { ...found, waiting }
}

/** A link is what its metadata says: without them nothing is left of it. */
function findLost(index: Index): LostEntries {
  const lost = new LostEntries(index.database)
  for (const entry of brokenEntries(index)) {
    lost.add(entry, entry.contentLost || entry.kind === 'link' ? 'goes' : 'blank')
  }
  return lost
}

function healableIn(index: Index, affected: readonly Affected[]): number {
  const newest = versionsThere(index).at(-1)
  const { goes, blank: blanked } = affected.find(({ version }) => version.id === newest?.id)?.lost ?? {
    goes: 0,
    blank: 0,
  }
  return goes + blanked
}

/** All of it is refused, or none. */
function refusalOf(
  { index, listing, indexRebuilt }: OpenSet,
  about: { affected: readonly Affected[]; healable: number; order: PurgeBrokenOrder },
): PullbackError | undefined {
  const { affected, healable, order } = about
  if (affected.length === 0) return undefined
  if (indexRebuilt && !order.dryRun) return removalError({ guard: 'index-rebuilt' })
  const pinned = affected.find(({ version }) => listing.pinnedMs.has(version.timeMs))
  if (pinned) return removalError({ guard: 'pinned', timeMs: pinned.version.timeMs })
  const emptied = new Set(affected.filter(({ lost }) => lost.left === 0).map(({ version }) => version.id))
  const full = versionsThere(index).filter(({ isFull }) => isFull)
  const last = full.at(-1) ?? versionsThere(index).at(-1)
  const isLastGone = [...full, last].every((version) => version && emptied.has(version.id))
  if (last && isLastGone) return removalError({ guard: 'last-full', timeMs: last.timeMs })
  if (order.isConfirmed) return undefined
  if (healable > 0) return backUpFirst(healable)
  const bare = affected.find(({ version }) => version.id === last?.id)
  return bare && bare.lost.goes > 0 && bare.lost.filesLeft === 0 ? noFileLeft(bare.version) : undefined
}

function backUpFirst(healable: number): PullbackError {
  return new PullbackError('RemovalRefused', {
    what: `${healable} of what is broken is in the newest version, and may still be at its source`,
    meaning: 'Nothing was changed.',
    advice:
      'Run a backup first: it reads these again and stores anew what their source still has. ' +
      'If the source is gone for good, say --confirm-removal.',
  })
}

function noFileLeft({ timeMs }: VersionRow): PullbackError {
  return new PullbackError('RemovalRefused', {
    what: `no file would be left in the newest full version, of ${new Date(timeMs).toISOString()}`,
    meaning: 'Nothing was changed.',
    advice: 'Look for missing files of the backup folder first; if they are lost, say --confirm-removal.',
  })
}

/** The metadata that says nothing is a block like any other: at the destination before a list needs it. */
async function storeBlank(open: OpenSet): Promise<void> {
  const { index, run } = open
  if (index.blocks.has(blank.hash)) return
  const press = openPress(open, profileOf(open, Number(index.setting('blocksize'))))
  try {
    const slab = await press.nextSlab(run.signal)
    slab.tail().set(emptyMetadata)
    slab.keep(blank.hash, blank.sizeBytes, { compress: true, isBlocklist: false })
    index.blocks.add(blank.hash, { volumeId: slab.volumeId, sizeBytes: blank.sizeBytes })
    await press.finish(run.giveUp)
  } finally {
    await press.end()
  }
}

/** Returns the version's new time. */
async function rewrite(open: OpenSet, version: VersionRow, lost: LostEntries): Promise<number> {
  const { id } = version
  const moreGaps = lost.first(id, mostNamed).map(gapOf)
  const entryAs = (row: PathRow): PathRow | undefined => {
    const loss = lost.lossOf(id, row.path)
    if (loss === 'goes') return undefined
    return loss
      ? { ...row, metaHash: blank.hash, metaSizeBytes: blank.sizeBytes, metaBlocklists: undefined }
      : row
  }
  return replaceList(open, version, { entryAs, moreGaps, confirmed: () => lost.takeFrom(id, blank) })
}

function gapOf({ path, loss }: LostPath): GapRow {
  const what =
    loss === 'goes'
      ? `${path} was taken out of this version: blocks of it were lost`
      : `the times, mode and owner of ${path} were lost`
  return { path, code: 'BlockMissing', what }
}

/** A dindex that speaks of no dblock that is there. Damaged dblocks go when space is given back. */
function markUseless({ index, run }: OpenSet, deleteAfterMs: number): void {
  const rows = index.volumes.all()
  const there = new Set(
    rows.filter((row) => row.kind === 'dblock' && row.state !== 'deleted').map(({ id }) => id),
  )
  for (const row of rows) {
    if (row.kind !== 'dindex' || !isPresent(row)) continue
    if (row.describes === undefined || !there.has(row.describes))
      index.volumes.markDeleting(row.id, run.clock.nowMs() + deleteAfterMs)
  }
  index.commit()
}

// Takes entries out of versions that are there: each version gets a new file list without them, dated a second later,
// and only when that is confirmed and listed does the old one go. What the entries alone needed is waste from then on.
// Whoever dies in between leaves every version with a file list that is whole.
import { assert } from '../../base/assert.ts'
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import { PurgedPaths, type PurgedFromVersion } from '../../index-db/purged-paths.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import { chooseVersion, type VersionChoice } from '../restore/choose-version.ts'
import { deleteVersions } from '../retention/delete-versions.ts'
import { removalError } from '../retention/removal-error.ts'
import { dlistName, profileOf } from '../set/new-volume.ts'
import type { OpenSet } from '../set/open-set.ts'
import { uploadVolume } from '../set/upload.ts'
import { writeFileList } from '../set/write-file-list.ts'

export interface PurgeOrder {
  /** Whether the entry of this path goes; folders end with their separator. */
  readonly matches: (path: string) => boolean
  /** None: all versions. */
  readonly versions: readonly VersionChoice[]
  readonly dryRun: boolean
}

export interface PurgedVersion extends PurgedFromVersion {
  readonly timeMs: number
  /** The time that it has from now on; undefined in a dry run. */
  readonly newTimeMs: number | undefined
}

export interface PurgeReport {
  readonly dryRun: boolean
  /** Those that hold something that goes, newest first. */
  readonly versions: readonly PurgedVersion[]
  readonly pathCount: number
  /** The first thousand. */
  readonly paths: readonly string[]
  /** Old file lists that the destination does not let go: they still name what was purged. */
  readonly waiting: number
}

const maxNamedPaths = 1000
const secondMs = 1000

/** `NothingMatches`; `VersionPinned` or `RemovalRefused` when nothing may be changed. */
export async function purgeVersions(open: OpenSet, order: PurgeOrder): Promise<PurgeReport> {
  const { index, run } = open
  run.progress.phase = 'looking for what goes'
  index.begin()
  const chosen = chosenVersions(open, order.versions)
  const ids = chosen.map(({ id }) => id)
  const purged = new PurgedPaths(index.database, ids, order.matches)
  const affected = chosen
    .map((version) => ({ version, purge: purged.of(version.id) }))
    .filter(({ purge }) => purge.entries > 0)
    .reverse()
  if (affected.length === 0) {
    throw new PullbackError('NothingMatches', {
      what: 'no version that was chosen holds anything like that',
      meaning: 'Nothing was changed.',
    })
  }
  const found = { dryRun: order.dryRun, pathCount: purged.count(), paths: purged.first(maxNamedPaths) }
  refuse(open, affected, order)
  const versions: PurgedVersion[] = []
  for (const { version, purge } of affected) {
    throwIfAborted(run.signal)
    const newTimeMs = order.dryRun
      ? undefined
      : await replaceList(open, version, { matches: order.matches, purged })
    versions.push({ timeMs: version.timeMs, newTimeMs, ...purge })
  }
  if (order.dryRun) return { ...found, versions, waiting: 0 }
  purged.forgetEmptyFolders()
  // Looks at the destination once more: the old lists go only if all that are to stay are there.
  const { waiting } = await deleteVersions(open, [])
  return { ...found, versions, waiting }
}

/** Oldest first; a version on its way out is none any more. */
function chosenVersions({ index, listing }: OpenSet, choices: readonly VersionChoice[]): VersionRow[] {
  const there = index.versions.all().filter(({ dlistId }) => {
    const dlist = dlistId === undefined ? undefined : index.volumes.get(dlistId)
    return dlist !== undefined && isPresent(dlist)
  })
  if (choices.length === 0) return there
  const times = new Set(choices.map((choice) => chooseVersion(listing, choice).timeMs))
  return there.filter(({ timeMs }) => times.has(timeMs))
}

/** All of it is refused, or none. */
function refuse(
  { listing, indexRebuilt }: OpenSet,
  affected: readonly { readonly version: VersionRow; readonly purge: PurgedFromVersion }[],
  { dryRun }: PurgeOrder,
): void {
  if (indexRebuilt && !dryRun) throw removalError({ guard: 'index-rebuilt' })
  for (const { version, purge } of affected) {
    const { timeMs } = version
    if (listing.pinnedMs.has(timeMs)) throw removalError({ guard: 'pinned', timeMs })
    if (purge.left > 0) continue
    throw new PullbackError('RemovalRefused', {
      what: `nothing would be left of the version of ${new Date(timeMs).toISOString()}`,
      meaning: 'Nothing was changed.',
      advice: 'Say more exactly what goes, or delete the version with `pullback delete --version=N`.',
    })
  }
}

/** Returns the version's new time. */
async function replaceList(
  open: OpenSet,
  version: VersionRow,
  about: { readonly matches: (path: string) => boolean; readonly purged: PurgedPaths },
): Promise<number> {
  const { index, spool, run } = open
  const { id: versionId, isFull, dlistId: oldId } = version
  const blocksize = index.setting('blocksize')
  assert(blocksize !== undefined && oldId !== undefined, 'a backup with a version has both')
  run.progress.phase = 'writing the file list'
  const timeMs = await freeTime(open, version)
  const name = dlistName(open, timeMs)
  const profile = profileOf(open, Number(blocksize))
  const list = { index, versionId, isFull, name, spool, profile, randomness: run.randomness }
  const file = await writeFileList({ ...list, leavesOut: about.matches })
  throwIfAborted(run.giveUp)
  const dlistId = index.volumes.begin(name, 'dlist')
  const confirmed = (): void => {
    about.purged.takeFrom(versionId)
    index.versions.replaceList(versionId, { timeMs, dlistId })
    index.volumes.markDeleting(oldId, run.clock.nowMs())
  }
  await uploadVolume(open, { id: dlistId, name, confirmed }, file)
  return timeMs
}

/** A second that no file list has, between the versions before and after; a later one if there is one. */
async function freeTime(open: OpenSet, version: VersionRow): Promise<number> {
  const found = timeBeside(open, version)
  if (found !== undefined) return found
  // Old lists of this run may be in the way.
  await deleteVersions(open, [])
  const freed = timeBeside(open, version)
  if (freed !== undefined) return freed
  throw new PullbackError('RemovalRefused', {
    what: `no second is free for a new file list beside ${new Date(version.timeMs).toISOString()}`,
    meaning: 'Newer versions may have been changed, this one and older ones were not.',
    advice: 'Delete one of the versions around it with `pullback delete --version=N` first.',
  })
}

function timeBeside(open: OpenSet, version: VersionRow): number | undefined {
  const { index } = open
  const versions = index.versions.all()
  const at = versions.findIndex(({ id }) => id === version.id)
  const beforeMs = versions[at - 1]?.timeMs ?? 0
  const afterMs = versions[at + 1]?.timeMs ?? Number.POSITIVE_INFINITY
  const isTaken = (timeMs: number): boolean => index.volumes.find(dlistName(open, timeMs)) !== undefined
  for (const stepMs of [secondMs, -secondMs]) {
    let timeMs = version.timeMs + stepMs
    while (timeMs > beforeMs && timeMs < afterMs && isTaken(timeMs)) timeMs += stepMs
    if (timeMs > beforeMs && timeMs < afterMs) return timeMs
  }
  return undefined
}

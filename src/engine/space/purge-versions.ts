// Takes entries out of versions that are there: each version gets a new file list without them, dated a second later,
// and only when that is confirmed and listed does the old one go. What the entries alone needed is waste from then on.
// Whoever dies in between leaves every version with a file list that is whole.
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import { PurgedPaths, type PurgedFromVersion } from '../../index-db/purged-paths.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import { chooseVersion, type VersionChoice } from '../restore/choose-version.ts'
import { deleteVersions } from '../retention/delete-versions.ts'
import { removalError } from '../retention/removal-error.ts'
import type { OpenSet } from '../set/open-set.ts'
import { replaceList, versionsThere } from './replace-list.ts'

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
    // An earlier purge may have died before the old lists were gone.
    if (!order.dryRun) await deleteVersions(open, [])
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
      : await replaceList(open, version, {
          entryAs: (row) => (order.matches(row.path) ? undefined : row),
          confirmed: () => purged.takeFrom(version.id),
        })
    versions.push({ timeMs: version.timeMs, newTimeMs, ...purge })
  }
  if (order.dryRun) return { ...found, versions, waiting: 0 }
  open.index.entries.forgetEmptyFolders()
  // Looks at the destination once more: the old lists go only if all that are to stay are there.
  const { waiting } = await deleteVersions(open, [])
  return { ...found, versions, waiting }
}

/** Oldest first. */
function chosenVersions({ index, listing }: OpenSet, choices: readonly VersionChoice[]): VersionRow[] {
  const there = versionsThere(index)
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

// Decides which versions stay, by the rules and what a person named, and deletes the others unless a guard says no.
// What goes in one run is at most what was decided on its own listing; the reasons come back for every version.
import type { PullbackError } from '../../base/errors.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import { chooseVersion, type VersionChoice } from '../restore/choose-version.ts'
import type { OpenSet } from '../set/open-set.ts'
import { everyVolume, listVolumes, type VolumeListing } from '../volumes/list-volumes.ts'
import { decideVersions, type Verdict, type VersionFacts } from './decide-versions.ts'
import { deleteVersions } from './delete-versions.ts'
import { removalError } from './removal-error.ts'
import { refusalOf } from './removal-guards.ts'
import type { RetentionRules } from './retention-rules.ts'

export interface RetentionPlan {
  /** Undefined: only what is named goes. */
  readonly rules: RetentionRules | undefined
  /** Versions that a person wants deleted. */
  readonly named: readonly VersionChoice[]
  /** A person said yes to what they may be asked about. */
  readonly isConfirmed: boolean
  /** An IANA name; days and months are those of this place. */
  readonly timeZone: string
  readonly dryRun: boolean
}

export interface RetentionReport {
  readonly dryRun: boolean
  /** Newest first; `number` is that of `list` before anything was deleted. */
  readonly verdicts: readonly (Verdict & { readonly number: number })[]
  /** Why nothing was deleted although something was to go. */
  readonly refused: PullbackError | undefined
  /** Times of the versions that are gone. */
  readonly deletedMs: readonly number[]
  /** How many are to go and wait, because the destination does not let them. */
  readonly waiting: number
}

export async function applyRetention(open: OpenSet, plan: RetentionPlan): Promise<RetentionReport> {
  const { set, run, index, indexRebuilt } = open
  run.progress.phase = 'choosing old versions'
  const listing = await listVolumes(set.target, set.prefix, run.signal)
  const known = knownVersions(open, listing)
  const nowMs = run.clock.nowMs()
  // Numbers are those of the list that a person saw: a version finished by this run is not among them.
  const named = namedTimes(open.listing, plan.named)
  const { rules, timeZone, dryRun } = plan
  const decided = decideVersions([...known.keys()], { rules, named, nowMs, timeZone })
  const newestFirst = listing.dlists.map((dlist) => dlist.timeMs).reverse()
  const verdicts = decided.map((verdict) => ({ number: newestFirst.indexOf(verdict.timeMs), ...verdict }))
  const refusal = refusalOf(decided, {
    nowMs,
    newestBeforeMs: open.listing.dlists.at(-1)?.timeMs,
    indexRebuilt,
    foreignVolumes: [...everyVolume(listing)].some(({ name }) => !index.volumes.find(name)),
    isConfirmed: plan.isConfirmed,
  })
  const refused = refusal && removalError(refusal)
  if (dryRun) return { dryRun, verdicts, refused, deletedMs: [], waiting: 0 }
  const goingMs = new Set(decided.filter((one) => !one.keep).map((one) => one.timeMs))
  const going = refused ? [] : [...known].filter(([{ timeMs }]) => goingMs.has(timeMs))
  const deletion = await deleteVersions(
    open,
    going.map(([, dlistId]) => dlistId),
  )
  return { dryRun, verdicts, refused, ...deletion }
}

/** The versions that are not on their way out already, with the ids of their dlists. */
function knownVersions({ index }: OpenSet, listing: VolumeListing): Map<VersionFacts, number> {
  const known = new Map<VersionFacts, number>()
  for (const { timeMs, isFull, dlistId } of index.versions.all()) {
    const dlist = dlistId === undefined ? undefined : index.volumes.get(dlistId)
    if (!dlist || !isPresent(dlist)) continue
    known.set({ timeMs, isFull, isPinned: listing.pinnedMs.has(timeMs) }, dlist.id)
  }
  return known
}

function namedTimes(listing: VolumeListing, named: readonly VersionChoice[]): Set<number> {
  return new Set(named.map((choice) => chooseVersion(listing, choice).timeMs))
}

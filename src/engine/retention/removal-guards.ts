// When nothing may be deleted, whatever the rules say: where the decision rests on something doubtful (a clock that
// jumped, an index that was just built again, volumes that another writer left), or would take so much that a person
// should say yes. A refusal is a value; who carries the decision out makes a warning or an error of it.
import type { Verdict } from './decide-versions.ts'

export interface Circumstances {
  readonly nowMs: number
  /** The newest version that was there before this run; undefined if there was none. */
  readonly newestBeforeMs: number | undefined
  readonly indexRebuilt: boolean
  /** Volumes that this index did not write were seen in this run. */
  readonly foreignVolumes: boolean
  /** A person said yes. */
  readonly isConfirmed: boolean
}

export type RemovalRefusal =
  | { readonly guard: 'clock-behind'; readonly nowMs: number; readonly newestMs: number }
  | { readonly guard: 'clock-ahead'; readonly nowMs: number; readonly newestMs: number }
  | { readonly guard: 'index-rebuilt' }
  | { readonly guard: 'foreign-volumes' }
  | { readonly guard: 'more-than-half'; readonly deleted: number; readonly of: number }
  | { readonly guard: 'last-full'; readonly timeMs: number }
  | { readonly guard: 'pinned'; readonly timeMs: number }

/** A minute: clocks are set right by seconds all the time. */
const behindMs = 60_000
/** 100 days, longer than any usual schedule: after such a pause the clock is as likely as the calendar. */
const aheadMs = 100 * 86_400_000

/** Undefined: the versions may go. What a person can judge, a person can confirm. */
export function refusalOf(verdicts: readonly Verdict[], about: Circumstances): RemovalRefusal | undefined {
  const going = verdicts.filter((one) => !one.keep)
  if (going.length === 0) return undefined
  return (
    alwaysRefused(verdicts, about) ??
    (about.isConfirmed ? undefined : unlessConfirmed(going, verdicts, about))
  )
}

function alwaysRefused(verdicts: readonly Verdict[], about: Circumstances): RemovalRefusal | undefined {
  const going = verdicts.filter((one) => !one.keep)
  const pinned = going.find((one) => one.isPinned)
  if (pinned) return { guard: 'pinned', timeMs: pinned.timeMs }
  const full = going.find((one) => one.isFull)
  if (full && !verdicts.some((one) => one.keep && one.isFull))
    return { guard: 'last-full', timeMs: full.timeMs }
  if (going.length === verdicts.length) return { guard: 'last-full', timeMs: going[0]?.timeMs ?? about.nowMs }
  if (about.indexRebuilt) return { guard: 'index-rebuilt' }
  return about.foreignVolumes ? { guard: 'foreign-volumes' } : undefined
}

function unlessConfirmed(
  going: readonly Verdict[],
  verdicts: readonly Verdict[],
  { nowMs, newestBeforeMs: newestMs }: Circumstances,
): RemovalRefusal | undefined {
  if (newestMs !== undefined && nowMs < newestMs - behindMs) return { guard: 'clock-behind', nowMs, newestMs }
  if (newestMs !== undefined && nowMs > newestMs + aheadMs) return { guard: 'clock-ahead', nowMs, newestMs }
  if (going.length * 2 <= verdicts.length) return undefined
  return { guard: 'more-than-half', deleted: going.length, of: verdicts.length }
}

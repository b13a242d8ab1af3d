// Which versions stay and which go, with every reason as data. Pure: the versions, the rules and the time go in.
// Whatever the rules say, the newest version, the newest full one and pinned ones stay; only a person who names a
// version gets rid of the newest. Whether the outcome may be carried out is for removal-guards.ts to say.
import type { Frame, RetentionRules } from './retention-rules.ts'
import { frameStartMs, wantedBy, type Wanted } from './thin-frame.ts'
import { addSpan, spanMs, type Period } from './time-span.ts'

export interface VersionFacts {
  /** Its identity and date, in milliseconds since 1970. */
  readonly timeMs: number
  readonly isFull: boolean
  readonly isPinned: boolean
}

export type KeepReason =
  | { readonly why: 'pinned' | 'newest' | 'last-full' | 'nothing-full' | 'no-rule' | 'newer-than-full' }
  | { readonly why: 'keep-time'; readonly limit: string }
  | { readonly why: 'keep-versions'; readonly limit: number; readonly place: number }
  | { readonly why: 'first-of-period' | 'early-run'; readonly frame: string; readonly period: Period }
  | { readonly why: 'frame-keeps-all' | 'partial-in-frame'; readonly frame: string }

export type DeleteReason =
  | { readonly why: 'named' | 'outside-frames' | 'partial-superseded' }
  | { readonly why: 'keep-time'; readonly limit: string }
  | { readonly why: 'keep-versions'; readonly limit: number }
  /** The period has another version already, which stays. */
  | {
      readonly why: 'period-has-one'
      readonly frame: string
      readonly period: Period
      readonly keptMs: number
    }

export type Verdict = VersionFacts &
  (
    | { readonly keep: true; readonly reasons: readonly KeepReason[] }
    | { readonly keep: false; readonly reasons: readonly DeleteReason[] }
  )

export interface Question {
  /** Undefined: no rules, only what is named goes. */
  readonly rules: RetentionRules | undefined
  /** Times of the versions that a person wants deleted. */
  readonly named: ReadonlySet<number>
  readonly nowMs: number
  /** An IANA name; days and months are those of this place. */
  readonly timeZone: string
}

type Opinion =
  | { readonly keep: true; readonly reason: KeepReason }
  | { readonly keep: false; readonly reason: DeleteReason }

/** Tells of one version what one rule thinks of it. */
type Rule = (version: VersionFacts) => Opinion

/** Newest first, one verdict a version. */
export function decideVersions(versions: readonly VersionFacts[], question: Question): Verdict[] {
  const { rules, named } = question
  const newestFirst = versions.toSorted((a, b) => b.timeMs - a.timeMs)
  const safe = safeReasons(newestFirst, question)
  const first: Rule[] = []
  if (rules?.keepTime) first.push(keepTimeRule(rules.keepTime, question))
  if (rules && rules.frames.length > 0) first.push(policyRule(newestFirst, rules.frames, question))
  const judge = (version: VersionFacts, rulesNow: readonly Rule[]): Verdict => {
    if (named.has(version.timeMs)) return { ...version, keep: false, reasons: [{ why: 'named' }] }
    const opinions = rulesNow.map((rule) => rule(version))
    const keep = opinions.flatMap((one) => (one.keep ? [one.reason] : []))
    const against = opinions.flatMap((one) => (one.keep ? [] : [one.reason]))
    const reason = safe.get(version.timeMs)
    if (reason) return { ...version, keep: true, reasons: [reason, ...keep] }
    if (against.length > 0) return { ...version, keep: false, reasons: against }
    return { ...version, keep: true, reasons: keep.length > 0 ? keep : [{ why: 'no-rule' }] }
  }
  if (!rules?.keepVersions) return newestFirst.map((version) => judge(version, first))
  const left = newestFirst.filter((version) => judge(version, first).keep)
  const count = keepVersionsRule(left, rules.keepVersions)
  const isLeft = new Set(left)
  return newestFirst.map((version) => judge(version, isLeft.has(version) ? [...first, count] : first))
}

/** What no rule may delete. Without any full version, nothing goes: a partial one is then all there is. */
function safeReasons(newestFirst: readonly VersionFacts[], { named }: Question): Map<number, KeepReason> {
  const safe = new Map<number, KeepReason>()
  const left = newestFirst.filter((version) => !named.has(version.timeMs))
  const [newest] = left
  const lastFull = left.find((version) => version.isFull)
  for (const version of left) {
    if (version.isPinned) safe.set(version.timeMs, { why: 'pinned' })
    else if (version === newest) safe.set(version.timeMs, { why: 'newest' })
    else if (version === lastFull) safe.set(version.timeMs, { why: 'last-full' })
    else if (!lastFull) safe.set(version.timeMs, { why: 'nothing-full' })
    else if (version.timeMs > lastFull.timeMs) safe.set(version.timeMs, { why: 'newer-than-full' })
  }
  return safe
}

/** As stock: 1 % more, at most an hour, so that a run that starts early does not lose a version of the last day. */
const keepTimeShare = 0.01
const keepTimeMostMs = 3_600_000

function keepTimeRule(limit: NonNullable<RetentionRules['keepTime']>, question: Question): Rule {
  const { nowMs, timeZone } = question
  const toleranceMs = Math.min(keepTimeMostMs, spanMs(limit) * keepTimeShare)
  const oldestMs = addSpan(nowMs, limit, { times: -1, timeZone }) - toleranceMs
  const reason = { why: 'keep-time', limit: limit.text } as const
  return ({ timeMs }) => ({ keep: timeMs >= oldestMs, reason })
}

/** A version belongs to the shortest frame that it fits, and may be wanted by that or by a longer, coarser one. */
function policyRule(
  newestFirst: readonly VersionFacts[],
  frames: readonly Frame[],
  { nowMs, timeZone }: Question,
): Rule {
  const fullMs = newestFirst.filter((one) => one.isFull).map((one) => one.timeMs)
  const oldestFirst = fullMs.reverse()
  const ranges = frames.map((frame) => {
    const startMs = frameStartMs(frame, nowMs, timeZone)
    const inFrame = oldestFirst.filter((timeMs) => timeMs >= startMs)
    return { frame, startMs, wanted: wantedBy(frame, inFrame, timeZone) }
  })
  return ({ timeMs, isFull }) => {
    const at = ranges.findIndex((range) => timeMs >= range.startMs)
    const own = ranges[at]
    if (!own) return { keep: false, reason: { why: 'outside-frames' } }
    const frame = own.frame.text
    if (!isFull) return { keep: true, reason: { why: 'partial-in-frame', frame } }
    if (!own.frame.interval) return { keep: true, reason: { why: 'frame-keeps-all', frame } }
    for (const range of ranges.slice(at)) {
      const wanted = isFiner(range.frame, own.frame) ? undefined : range.wanted.get(timeMs)
      if (wanted) return { keep: true, reason: reasonOf(range.frame, wanted) }
    }
    return { keep: false, reason: periodHasOne(own, timeMs) }
  }
}

/** A longer frame that wants more versions than the shorter one can only have what that left. */
function isFiner(one: Frame, than: Frame): boolean {
  return intervalMs(one) < intervalMs(than)
}

function intervalMs({ interval }: Frame): number {
  return interval ? spanMs(interval) : 0
}

function reasonOf(frame: Frame, { period, isFirst }: Wanted): KeepReason {
  return { why: isFirst ? 'first-of-period' : 'early-run', frame: frame.text, period }
}

function periodHasOne(
  own: { readonly frame: Frame; readonly wanted: ReadonlyMap<number, Wanted> },
  timeMs: number,
): DeleteReason {
  const before = [...own.wanted].filter(([keptMs, { isFirst }]) => isFirst && keptMs < timeMs).at(-1)
  const [keptMs, { period }] = before ?? [0, { period: { unit: 'ms', count: 0, startMs: 0 } as const }]
  return { why: 'period-has-one', frame: own.frame.text, period, keptMs }
}

/** Counts full versions, newest first; partial ones between them go, those before the first stay (safeReasons). */
function keepVersionsRule(left: readonly VersionFacts[], limit: number): Rule {
  const places = new Map<number, number>()
  for (const { timeMs, isFull } of left) if (isFull) places.set(timeMs, places.size + 1)
  return ({ timeMs, isFull }) => {
    const place = places.get(timeMs)
    if (!isFull) return { keep: false, reason: { why: 'partial-superseded' } }
    return place !== undefined && place <= limit
      ? { keep: true, reason: { why: 'keep-versions', limit, place } }
      : { keep: false, reason: { why: 'keep-versions', limit } }
  }
}

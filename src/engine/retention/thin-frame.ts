// Which versions one frame of a retention policy wants: the oldest of each period, so that what is kept once stays
// kept and no later run can take its place. And a run that began early: daily runs at midnight lie now before, now
// after it, so that one day has two and the next none (docs/decisions/0006-thinning-goes-by-the-calendar.md).
import type { Frame } from './retention-rules.ts'
import { addSpan, periodOf, spanMs, type Period } from './time-span.ts'

export interface Wanted {
  readonly period: Period
  /** False for the second of a period: a run that began before the period it was meant for. */
  readonly isFirst: boolean
}

/** 2 h: starts that vary by half an hour to either side stay well within. */
const mostToleranceMs = 2 * 3_600_000
/** For intervals of less than a day. */
const toleranceShare = 0.1

/**
 * What is as young as this lies in the frame. Frames begin with a period of theirs, so that a period is in a frame as
 * a whole, until it is out of it as a whole.
 */
export function frameStartMs(frame: Frame, nowMs: number, timeZone: string): number {
  const { length, interval } = frame
  if (!length) return Number.NEGATIVE_INFINITY
  const startMs = addSpan(nowMs, length, { times: -1, timeZone })
  return interval ? periodOf(startMs, interval, timeZone).startMs : startMs - toleranceMs(spanMs(length))
}

/** By version time. `timesMs`: all full versions in the frame, oldest first. */
export function wantedBy(frame: Frame, timesMs: readonly number[], timeZone: string): Map<number, Wanted> {
  const wanted = new Map<number, Wanted>()
  const { interval } = frame
  if (!interval) return wanted
  const firsts = timesMs
    .map((timeMs) => ({ timeMs, period: periodOf(timeMs, interval, timeZone) }))
    .filter((one, at, all) => one.period.startMs !== all[at - 1]?.period.startMs)
  const tolerance = toleranceMs(spanMs(interval))
  for (const [at, { timeMs, period }] of firsts.entries()) {
    wanted.set(timeMs, { period, isFirst: true })
    const nextMs = firsts[at + 1]?.timeMs ?? Number.POSITIVE_INFINITY
    const dueMs = addSpan(timeMs, interval, { times: 1, timeZone })
    if (nextMs <= dueMs + tolerance) continue
    const early = timesMs.find((one) => one >= dueMs - tolerance && one < nextMs)
    if (early !== undefined) wanted.set(early, { period, isFirst: false })
  }
  return wanted
}

function toleranceMs(lengthMs: number): number {
  return Math.min(mostToleranceMs, lengthMs * toleranceShare)
}

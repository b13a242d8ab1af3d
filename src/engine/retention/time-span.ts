// Lengths of time as Duplicati writes them (`1W`, `12M`, `1D12h`), counted on the calendar: a day is a day also when
// the clocks change, a month is a month. Nothing is read from a clock here, and the time zone is handed in.
import { PullbackError } from '../../base/errors.ts'

/** A length that is whole months, whole days or neither; never a mixture of months and days. */
export interface TimeSpan {
  /** As it was written. */
  readonly text: string
  readonly unit: 'month' | 'day' | 'ms'
  readonly count: number
}

const dayMs = 86_400_000
const monthDays = 30
const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  D: dayMs,
  W: 7 * dayMs,
}

/** `BadOption`, naming the option, for what is no length of time. A bare number counts seconds. Zero is allowed. */
export function parseSpan(option: string, text: string): TimeSpan {
  const trimmed = text.trim()
  let months = 0
  let ms = 0
  for (const [, count, unit = 's'] of trimmed.matchAll(/(-?\d+)([smhDWMY]?)/g)) {
    if (unit === 'M') months += Number(count)
    else if (unit === 'Y') months += 12 * Number(count)
    else ms += Number(count) * (unitMs[unit || 's'] ?? 0)
  }
  const isLength = /^((-?\d{1,6}[smhDWMY])+|\d{1,10})$/.test(trimmed)
  const span = oneUnit(trimmed, months, ms)
  if (isLength && span.count >= 0 && spanMs(span) <= longestMs) return span
  throw new PullbackError('BadOption', {
    what: `--${option} holds ${JSON.stringify(text)}, which is no length of time such as 10D, 4W or 12M`,
    subject: option,
  })
}

/** A thousand years: what is longer cannot be counted back on a calendar, and is meant as U. */
const longestMs = 365_000 * dayMs

function oneUnit(text: string, months: number, ms: number): TimeSpan {
  if (months !== 0 && ms === 0) return { text, unit: 'month', count: months }
  const allMs = ms + months * monthDays * dayMs
  return allMs % dayMs === 0
    ? { text, unit: 'day', count: allMs / dayMs }
    : { text, unit: 'ms', count: allMs }
}

/** About how long it is, to compare lengths. */
export function spanMs({ unit, count }: TimeSpan): number {
  return count * { month: monthDays * dayMs, day: dayMs, ms: 1 }[unit]
}

/** The moment this many spans after another; before it for a negative number. */
export function addSpan(
  timeMs: number,
  { unit, count }: TimeSpan,
  at: { times: number; timeZone: string },
): number {
  const all = count * at.times
  if (unit === 'ms') return timeMs + all
  const added = unit === 'month' ? { months: all } : { days: all }
  return zoned(timeMs, at.timeZone).add(added).epochMilliseconds
}

/** A stretch of the calendar: a day, a week from Monday on, a month, a year; several of them for spans like 3M. */
export interface Period {
  readonly unit: 'day' | 'week' | 'month' | 'year' | 'ms'
  /** How many of the unit. */
  readonly count: number
  readonly startMs: number
}

// 1970-01-05 was the first Monday.
const mondayOffsetDays = 4

/** The period that a moment lies in, when the calendar is cut into spans. The span is not zero. */
export function periodOf(timeMs: number, { unit, count }: TimeSpan, timeZone: string): Period {
  if (unit === 'ms') return { unit, count, startMs: timeMs - modulo(timeMs, count) }
  const date = zoned(timeMs, timeZone).toPlainDate()
  if (unit === 'month') {
    const month = date.year * 12 + date.month - 1
    const first = month - modulo(month, count)
    const start = new Temporal.PlainDate(Math.floor(first / 12), modulo(first, 12) + 1, 1)
    const inYears = count % 12 === 0
    return {
      unit: inYears ? 'year' : 'month',
      count: inYears ? count / 12 : count,
      startMs: startOfDay(start, timeZone),
    }
  }
  const inWeeks = count % 7 === 0
  const day = Math.round(Date.UTC(date.year, date.month - 1, date.day) / dayMs)
  const start = date.subtract({ days: modulo(day - (inWeeks ? mondayOffsetDays : 0), count) })
  return {
    unit: inWeeks ? 'week' : 'day',
    count: inWeeks ? count / 7 : count,
    startMs: startOfDay(start, timeZone),
  }
}

function zoned(timeMs: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone)
}

function startOfDay(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

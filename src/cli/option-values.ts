// What people write behind an option, in Duplicati's grammars: sizes, versions, times, yes and no.
import { PullbackError } from '../base/errors.ts'
import type { VersionChoice } from '../usecases/reports.ts'

const sizeUnits: Readonly<Record<string, number>> = {
  b: 0,
  kb: 1,
  kib: 1,
  mb: 2,
  mib: 2,
  gb: 3,
  gib: 3,
  tb: 4,
  tib: 4,
}

/** Deflate 9 makes 2 to 4 % less than 1 and takes six times as long (measured on source text). */
const usualLevel = 1

/** Whole bytes. A bare number counts in `bareUnit`, as in Duplicati. */
export function parseSize(name: string, text: string, bareUnit: 'kb' | 'mb'): number {
  const [, digits, unit] = /^(\d{1,12})\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const power = sizeUnits[unit ? unit.toLowerCase() : bareUnit]
  const bytes = Number(digits) * 1024 ** (power ?? 0)
  if (power === undefined || !Number.isSafeInteger(bytes)) throw bad(name, text, 'a size such as 50mb')
  return bytes
}

export function parseWhole(
  name: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= range.min && value <= range.max) return value
  throw bad(name, text, `a whole number from ${range.min} to ${range.max}`)
}

/** 0 to 100, with a fraction if need be. */
export function parsePercent(name: string, text: string): number {
  const value = /^\d{1,3}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : Number.NaN
  if (value <= 100) return value
  throw bad(name, text, 'percent from 0 to 100, such as 0.1')
}

/** Of deflate, 0 to 9, as `zip-compression-level` has it. */
export function compressionLevel(text: string | undefined): number {
  return text === undefined ? usualLevel : parseWhole('zip-compression-level', text, { min: 0, max: 9 })
}

/** `0,2-4,7`: numbers of versions, 0 being the newest. */
export function parseVersions(name: string, text: string): number[] {
  const numbers = text.split(',').flatMap((part) => {
    const [, from, to] = /^\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*$/.exec(part) ?? []
    if (from === undefined) throw bad(name, text, 'version numbers such as 0 or 0,2-4')
    const first = Number(from)
    const last = Number(to ?? from)
    if (last < first) throw bad(name, text, 'version numbers with the smaller first')
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
  return [...new Set(numbers)]
}

const durationUnits: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  D: 86_400,
  W: 604_800,
}

/** `now`, a date with or without time, Duplicati's `20261122T180000Z`, or how long ago: `3D12h`. */
export function parseTime(name: string, text: string, nowMs: number): number {
  const trimmed = text.trim()
  if (trimmed.toLowerCase() === 'now') return nowMs
  const compact = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(trimmed)
  const iso = compact ? trimmed.replace(compact[0], isoOf(compact)) : trimmed
  if (/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(iso) && isDay(iso)) {
    // Without a zone the time is that of this machine; a bare date means its beginning here.
    const ms = Date.parse(iso.length === 10 ? `${iso}T00:00` : iso.replace(' ', 'T'))
    if (!Number.isNaN(ms)) return ms
  }
  if (/^(-?\d{1,6}[smhDWMY])+$/.test(trimmed)) {
    const ms = agoFrom(nowMs, trimmed)
    if (!Number.isNaN(ms)) return ms
  }
  throw bad(name, text, 'a time such as 2026-11-22T18:00, or how long ago, such as 3D')
}

export function parseFlag(name: string, text: string): boolean {
  const value = text.trim().toLowerCase()
  if (['1', 'on', 'true', 'yes', ''].includes(value)) return true
  if (['0', 'off', 'false', 'no'].includes(value)) return false
  throw bad(name, text, 'true or false')
}

export function versionChoices(numbers: readonly number[]): VersionChoice[] {
  return numbers.map((number) => ({ number }))
}

/** A length of time: `10s`, `1m30s`; a bare number counts seconds, as in Duplicati. Milliseconds. */
export function parseDuration(name: string, text: string, mostMs: number): number {
  const trimmed = text.trim()
  const parts = [...trimmed.matchAll(/(\d{1,9})([smhDW]?)/g)]
  const isWhole = /^(\d+[smhDW])+$|^\d+$/.test(trimmed) && parts.map(([part]) => part).join('') === trimmed
  let ms = 0
  for (const [, count, unit] of parts) ms += Number(count) * (durationUnits[unit || 's'] ?? 0) * 1000
  if (isWhole && ms <= mostMs) return ms
  throw bad(name, text, 'a length of time such as 10s or 1m30s')
}

function isoOf(parts: RegExpExecArray): string {
  const [, year, month, day, hour, minute, second] = parts
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

/** Date.parse turns February 30 into March 2. */
function isDay(iso: string): boolean {
  const ms = Date.parse(iso.slice(0, 10))
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(iso.slice(0, 10))
}

/** Months and years are those of the calendar, as Duplicati counts them back from a date; all parts add up. */
function agoFrom(nowMs: number, text: string): number {
  let seconds = 0
  let months = 0
  for (const [, count, unit = ''] of text.matchAll(/(-?\d+)([smhDWMY])/g)) {
    if (unit === 'M') months += Number(count)
    else if (unit === 'Y') months += 12 * Number(count)
    else seconds += Number(count) * (durationUnits[unit] ?? 0)
  }
  return monthsBefore(nowMs, months) - seconds * 1000
}

/** A day that the month does not have becomes its last one. */
function monthsBefore(ms: number, months: number): number {
  const date = new Date(ms)
  const day = date.getDate()
  date.setMonth(date.getMonth() - months)
  if (date.getDate() !== day) date.setDate(0)
  return date.getTime()
}

function bad(name: string, text: string, expected: string): PullbackError {
  return new PullbackError('BadOption', {
    what: `--${name} takes ${expected}, not ${JSON.stringify(text)}`,
    subject: name,
  })
}

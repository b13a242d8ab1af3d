// What a person asked for about old versions, read from Duplicati's options: keep-versions, keep-time and
// retention-policy with its frames and intervals.
import { PullbackError } from '../../base/errors.ts'
import { parseSpan, spanMs, type TimeSpan } from './time-span.ts'

export interface RetentionOptions {
  /** 0 or undefined: off. */
  readonly keepVersions: number | undefined
  /** `90D`, `1Y`. */
  readonly keepTime: string | undefined
  /** `1W:1D,4W:1W,12M:1M`. */
  readonly retentionPolicy: string | undefined
}

/** One `frame:interval` of a policy: of what is younger than the frame, one version an interval is kept. */
export interface Frame {
  /** As it was written: `1W:1D`. */
  readonly text: string
  /** Undefined: however old. */
  readonly length: TimeSpan | undefined
  /** Undefined: every version. */
  readonly interval: TimeSpan | undefined
}

export interface RetentionRules {
  readonly keepVersions: number | undefined
  readonly keepTime: TimeSpan | undefined
  /** Shortest first; none without a policy. */
  readonly frames: readonly Frame[]
}

/** `BadOption` for what cannot be read. Undefined when nothing was asked for: then nothing is ever deleted. */
export function retentionRules(options: RetentionOptions): RetentionRules | undefined {
  const { keepVersions, keepTime, retentionPolicy } = options
  const rules = {
    keepVersions: keepVersions === 0 ? undefined : keepVersions,
    keepTime: keepTime === undefined ? undefined : parseSpan('keep-time', keepTime),
    frames: retentionPolicy === undefined ? [] : parsePolicy(retentionPolicy),
  }
  if (rules.keepTime?.count === 0) throw bad('keep-time', 'a length of time that is not zero')
  const isNothing =
    rules.keepVersions === undefined && rules.keepTime === undefined && rules.frames.length === 0
  return isNothing ? undefined : rules
}

function parsePolicy(text: string): Frame[] {
  const frames = text.split(',').map((pair) => {
    const [frame = '', interval, more] = pair.trim().split(':')
    if (interval === undefined || more !== undefined)
      throw bad('retention-policy', `pairs such as 1W:1D with commas between, not ${JSON.stringify(pair)}`)
    return { text: pair.trim(), length: parseLength(frame), interval: parseInterval(interval) }
  })
  const lengths = frames.map(({ length }) => (length ? spanMs(length) : Number.POSITIVE_INFINITY))
  if (new Set(lengths).size < lengths.length) throw bad('retention-policy', 'frames of different lengths')
  return frames.toSorted((a, b) => lengthMs(a) - lengthMs(b))
}

function lengthMs({ length }: Frame): number {
  // A finite number, so that the difference of two is one.
  return length ? spanMs(length) : Number.MAX_SAFE_INTEGER
}

function parseLength(text: string): TimeSpan | undefined {
  if (text.trim() === 'U') return undefined
  const span = parseSpan('retention-policy', text)
  if (span.count === 0) throw bad('retention-policy', 'frames that are not empty')
  return span
}

function parseInterval(text: string): TimeSpan | undefined {
  if (text.trim() === 'U') return undefined
  const span = parseSpan('retention-policy', text)
  return span.count === 0 ? undefined : span
}

function bad(option: string, expected: string): PullbackError {
  return new PullbackError('BadOption', { what: `--${option} takes ${expected}`, subject: option })
}

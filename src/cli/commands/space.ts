// The options about space at the destination, as backup, delete and compact take them.
import type { SpaceRequest } from '../../usecases/compact-backup.ts'
import { PullbackError } from '../../base/errors.ts'
import { parseDuration, parseSize, parseWhole } from '../option-values.ts'
import type { CommandLine } from './command.ts'

const hourMs = 3_600_000
const yearMs = 365 * 24 * hourMs
const usualDeleteAfterMs = 24 * hourMs
/** Time enough for a listing of another run to see what this one has written. */
const shortestDeleteAfterMs = 600_000

export function spaceOf({ options }: CommandLine): SpaceRequest {
  const whole = (name: string, usual: number, max: number): number => {
    const text = options.get(name)
    return text === undefined ? usual : parseWhole(name, text, { min: 0, max })
  }
  const duration = (name: string, usual: number): number => {
    const text = options.get(name)
    return text === undefined ? usual : parseDuration(name, text, yearMs)
  }
  const small = options.get('small-file-size')
  const deleteAfterMs = duration('delete-after', usualDeleteAfterMs)
  if (deleteAfterMs < shortestDeleteAfterMs) {
    throw new PullbackError('BadOption', { what: '--delete-after is at least 10m', subject: 'delete-after' })
  }
  return {
    thresholdPercent: whole('threshold', 25, 100),
    smallFileSizeBytes: small === undefined ? undefined : parseSize('small-file-size', small, 'mb'),
    smallFileMaxCount: whole('small-file-max-count', 20, 1_000_000),
    deleteAfterMs,
    auto: !options.has('no-auto-compact'),
    autoIntervalMs: duration('auto-compact-interval', 0),
  }
}

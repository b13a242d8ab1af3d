// The name of a pin: a small file beside the volumes that says a version is to stay. It is no volume's name, so that
// Duplicati passes it over; it begins with the backup's prefix, so that a copy of the backup's files brings it along.
import { formatVersionTime, parseVersionTime } from './volume-name.ts'

export interface Pin {
  readonly prefix: string
  /** The version that is pinned, in milliseconds since 1970. */
  readonly timeMs: number
}

export function formatPinName({ prefix, timeMs }: Pin): string {
  return `${prefix}-pin-${formatVersionTime(timeMs)}.txt`
}

/** Undefined for a name that is no pin's. */
export function parsePinName(name: string): Pin | undefined {
  const [, prefix = '', time = ''] = /^([^-]+)-pin-(\d{8}T\d{6}Z)\.txt$/.exec(name) ?? []
  const timeMs = parseVersionTime(time)
  return timeMs === undefined ? undefined : { prefix, timeMs }
}

// The names of volumes at a destination: what is written is stock's form exactly; what is read is stock's grammar, and
// the whole name must fit it. The time in the name of a dlist is the identity and the date of its version.
import { assert } from '../base/assert.ts'

interface Extensions {
  readonly prefix: string
  /** `zip` in all that Pullback writes. */
  readonly compression: string
  /** Left out: not encrypted. */
  readonly encryption?: string
}

export type VolumeName = Extensions &
  (
    | {
        readonly kind: 'dblock' | 'dindex'
        /** 32 lower-case hex digits, random. */
        readonly id: string
      }
    | {
        readonly kind: 'dlist'
        /** Whole seconds, in milliseconds since 1970. */
        readonly timeMs: number
      }
  )

const middlePattern = String.raw`(?:[bBiI](?<id>[0-9a-fA-F]+)|(?<time>\d{8}T\d{6}Z))\.(?<kind>dblock|dindex|dlist)`
const pattern = new RegExp(
  String.raw`^(?<prefix>[^-]+)-${middlePattern}\.(?<compression>[^.]+)(?:\.(?<encryption>.+))?$`,
  's',
)

/** Undefined for a name that is no volume's. The parity companions of newer releases (`.par2`) are none. */
export function parseVolumeName(name: string): VolumeName | undefined {
  const groups = pattern.exec(name)?.groups
  if (!groups || name.endsWith('.par2')) return undefined
  const { prefix = '', id, time = '', compression = '', encryption } = groups
  const kind = groups['kind']
  const extensions = { prefix, compression, ...(encryption === undefined ? {} : { encryption }) }
  if (kind === 'dblock' || kind === 'dindex') {
    return id === undefined ? undefined : { ...extensions, kind, id: id.toLowerCase() }
  }
  const timeMs = parseVersionTime(time)
  return kind === 'dlist' && timeMs !== undefined ? { ...extensions, kind, timeMs } : undefined
}

export function formatVolumeName(name: VolumeName): string {
  assert(/^[^-]+$/.test(name.prefix) && /^[^.]+$/.test(name.compression), 'a name can be read again')
  if (name.kind === 'dlist') assert(name.timeMs % 1000 === 0, 'versions are dated in whole seconds')
  else assert(/^[0-9a-f]{32}$/.test(name.id), 'an id has 32 digits')
  const middle =
    name.kind === 'dlist' ? formatVersionTime(name.timeMs) : `${name.kind === 'dblock' ? 'b' : 'i'}${name.id}`
  const encryption = name.encryption === undefined ? '' : `.${name.encryption}`
  return `${name.prefix}-${middle}.${name.kind}.${name.compression}${encryption}`
}

/** `20231114T221320Z`. */
export function formatVersionTime(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '') + 'Z'
}

/** Undefined for what is no time of the calendar. */
export function parseVersionTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // What is out of range is refused, or rolls over: then it is not written as it was read.
  return year !== '0000' && !Number.isNaN(timeMs) && formatVersionTime(timeMs) === text ? timeMs : undefined
}

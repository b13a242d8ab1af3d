// The metadata blob of an entry: a flat JSON object of strings behind a byte order mark. Known keys must be well-formed
// and in the order stock writes them, so that equal metadata is equal bytes; keys nobody here knows are let through.
import type { ListedEntry } from './filelist-entry.ts'
import { Unreadable, type Place } from './findings.ts'
import { asObject, asString, readDocument } from './json-values.ts'
import { scanJson } from './json-scanner.ts'
import { secondsOfTicks } from './times.ts'

export type Metadata = ReadonlyMap<string, string>

/** In rising bit order, as the names must appear. */
const ATTRIBUTES = [
  'ReadOnly',
  'Hidden',
  'System',
  'Directory',
  'Archive',
  'Device',
  'Normal',
  'Temporary',
  'SparseFile',
  'ReparsePoint',
  'Compressed',
  'Offline',
  'NotContentIndexed',
  'Encrypted',
  'IntegrityStream',
  'NoScrubData',
]

const isTicks = (value: string): boolean => secondsOfTicks(value) !== undefined
const isText = (value: string): boolean => value !== ''

/** The known keys in the order of writing, with the form of their values. A key that ends with ":" is a beginning. */
const KEYS: readonly { key: string; form: string; fits: (value: string) => boolean }[] = [
  { key: 'unix-ext:', form: 'standard Base64 of at least one byte', fits: isBase64 },
  { key: 'unix:uid-gid-perm', form: 'uid-gid-perm, decimal, perm up to 511', fits: isOwnerAndMode },
  { key: 'unix:owner-name', form: 'a name', fits: isText },
  { key: 'unix:group-name', form: 'a name', fits: isText },
  { key: 'macos:flags', form: 'a decimal number', fits: (value) => /^(0|[1-9]\d*)$/.test(value) },
  { key: 'macos:acl', form: 'a text', fits: isText },
  { key: 'win-ext:accessrules', form: 'a JSON array', fits: isJsonArray },
  { key: 'win-ext:accessrulesprotected', form: 'True', fits: (value) => value === 'True' },
  { key: 'CoreAttributes', form: 'attribute names in rising order, joined with ", "', fits: areAttributes },
  { key: 'CoreLastWritetime', form: 'decimal ticks', fits: isTicks },
  { key: 'CoreCreatetime', form: 'decimal ticks', fits: isTicks },
  { key: 'CoreSymlinkTarget', form: 'a text', fits: isText },
]

/** Checks a blob by itself; throws Unreadable if it is no flat object of strings. */
export function readMetadata(blob: Buffer, place: Place): Metadata {
  const object = asObject(readDocument(place, blob, { bom: true, compact: true }), 'metadata')
  const metadata = new Map<string, string>()
  let lastRank = 0
  for (const { key, value } of object.members) {
    const text = asString(value, `key "${key}"`)
    if (metadata.has(key)) place.broken(`key "${key}" occurs more than once`)
    metadata.set(key, text)
    const rank = KEYS.findIndex((known) =>
      known.key.endsWith(':') ? key.startsWith(known.key) : key === known.key,
    )
    const known = KEYS[rank]
    if (known === undefined) continue
    if (!known.fits(text)) place.unlike(`"${key}" expected as ${known.form}, found "${text}"`)
    if (rank < lastRank) place.unlike(`key "${key}" expected before "${KEYS[lastRank]?.key ?? ''}"`)
    lastRank = Math.max(lastRank, rank)
  }
  return metadata
}

/** Checks what a blob says against the entry that names it: its type, its path, its time. */
export function compareMetadata(entry: ListedEntry, metadata: Metadata, place: Place): void {
  compareAttributes(entry, metadata.get('CoreAttributes')?.split(', '), place)
  const target = metadata.get('CoreSymlinkTarget')
  if (entry.type === 'Symlink' && target === undefined) place.unlike('a Symlink without CoreSymlinkTarget')
  if (entry.type !== 'Symlink' && target !== undefined) place.unlike(`a ${entry.type} with CoreSymlinkTarget`)
  const ticks = metadata.get('CoreLastWritetime')
  const seconds = ticks === undefined ? undefined : secondsOfTicks(ticks)
  if (seconds !== undefined && entry.timeSeconds !== undefined && seconds !== entry.timeSeconds) {
    place.unlike(`CoreLastWritetime expected within second ${entry.timeSeconds} of "time", found ${seconds}`)
  }
}

function compareAttributes(
  entry: ListedEntry,
  attributes: readonly string[] | undefined,
  place: Place,
): void {
  if (attributes === undefined) return
  const isDirectory = attributes.includes('Directory')
  const isLink = attributes.includes('ReparsePoint')
  const found = attributes.join(', ')
  if (isLink !== (entry.type === 'Symlink')) {
    place.unlike(`ReparsePoint expected on links and only there, found "${found}" on a ${entry.type}`)
  }
  if (entry.type === 'Symlink') {
    const endsWithSeparator = /[\\/]$/.test(entry.path)
    if (isDirectory === endsWithSeparator) return
    place.unlike(`a link path ends with a separator if its attributes name Directory, found "${found}"`)
  } else if (isDirectory !== (entry.type === 'Folder')) {
    place.unlike(`Directory expected on folders and only there, found "${found}" on a ${entry.type}`)
  }
}

function isBase64(value: string): boolean {
  return value !== '' && Buffer.from(value, 'base64').toString('base64') === value
}

function isOwnerAndMode(value: string): boolean {
  const mode = /^(?:0|[1-9]\d*)-(?:0|[1-9]\d*)-(0|[1-9]\d*)$/.exec(value)?.[1]
  return mode !== undefined && Number(mode) <= 0o777
}

function areAttributes(value: string): boolean {
  const ranks = value.split(', ').map((name) => ATTRIBUTES.indexOf(name))
  return ranks.every((rank, index) => rank > (ranks[index - 1] ?? -1))
}

function isJsonArray(value: string): boolean {
  try {
    return scanJson(Buffer.from(value)).root.kind === 'array'
  } catch (error) {
    if (error instanceof Unreadable) return false
    throw error
  }
}

// One element of filelist.json: its properties and their order, which differ by type, and the form of each value.
// Whether the values are true is checked elsewhere.
import type { StatedContent } from './content.ts'
import { Unreadable, type Place } from './findings.ts'
import type { JsonObject } from './json-scanner.ts'
import {
  asArray,
  asHash,
  asInteger,
  asString,
  optionalProperty,
  property,
  propertyNames,
} from './json-values.ts'
import { parseTime } from './times.ts'

export type EntryType = 'File' | 'Folder' | 'Symlink'

export type ListedEntry = {
  type: EntryType
  path: string
  metadata: StatedContent
  /** Files only. */
  content: StatedContent | undefined
  /** Files only: seconds since 1970. */
  timeSeconds: number | undefined
}

const METADATA = 'metahash, metasize(, metablocklists|, metablockhash)?'
const CONTENT = '(, blocklists|, blockhash, blocksize)?'
const ORDER_OF_FILE = new RegExp(`^type, path, hash, size, time, ${METADATA}${CONTENT}$`)
const ORDER_OF_OTHERS = new RegExp(`^type, path, ${METADATA}$`)

/** The entry, or undefined for a type that readers skip; throws Unreadable if readers would stumble. */
export function readEntry(object: JsonObject, place: Place): ListedEntry | undefined {
  const type = asString(property(object, 'type'), 'type')
  if (type !== 'File' && type !== 'Folder' && type !== 'Symlink') {
    place.unlike(`type expected File, Folder or Symlink, found "${type}"`)
    return undefined
  }
  expectOrder(object, type)
  const path = asString(property(object, 'path'), 'path')
  const metadata = {
    hash: asHash(property(object, 'metahash'), 'metahash'),
    sizeBytes: asInteger(property(object, 'metasize'), 'metasize'),
    blocklists: hashes(object, 'metablocklists', place),
  }
  expectMetaBlockHash(object, { type, metahash: metadata.hash, place })
  if (type !== 'File') return { type, path, metadata, content: undefined, timeSeconds: undefined }
  return { type, path, metadata, content: readContent(object, place), timeSeconds: readTime(object) }
}

function expectOrder(object: JsonObject, type: EntryType): void {
  const found = propertyNames(object)
  const order = type === 'File' ? ORDER_OF_FILE : ORDER_OF_OTHERS
  if (!/\bmetahash, metasize\b/.test(found)) {
    throw new Unreadable(`metadata (metahash, then metasize) expected, found only "${found}"`)
  }
  if (!order.test(found)) {
    throw new Unreadable(`properties of a ${type} expected as ${order.source.slice(1, -1)}, found "${found}"`)
  }
}

function readContent(object: JsonObject, place: Place): StatedContent {
  const hash = asHash(property(object, 'hash'), 'hash')
  const sizeBytes = asInteger(property(object, 'size'), 'size')
  const blockHash = optionalProperty(object, 'blockhash')
  if (blockHash !== undefined) {
    place.unlike('has blockhash and blocksize, which only two different hash algorithms need')
    if (asHash(blockHash, 'blockhash') !== hash) place.broken('blockhash differs from hash')
    const blocksize = asInteger(property(object, 'blocksize'), 'blocksize')
    if (blocksize !== sizeBytes) place.broken(`blocksize expected ${sizeBytes} like size, found ${blocksize}`)
  }
  return { hash, sizeBytes, blocklists: hashes(object, 'blocklists', place) }
}

function readTime(object: JsonObject): number {
  const text = asString(property(object, 'time'), 'time')
  const timeMs = parseTime(text)
  if (timeMs === undefined) throw new Unreadable(`time expected as yyyyMMddTHHmmssZ, found "${text}"`)
  return timeMs / 1000
}

function hashes(object: JsonObject, name: string, place: Place): string[] {
  const value = optionalProperty(object, name)
  if (value === undefined) return []
  const items = asArray(value, name)
  if (items.length === 0)
    place.unlike(`${name} is an empty array; the property expected only with blocklists`)
  return items.map((item, index) => asHash(item, `${name}[${index}]`))
}

/** With one hash algorithm the block hash of a blob is its metahash; only folders and links may repeat it. */
function expectMetaBlockHash(
  object: JsonObject,
  entry: { type: EntryType; metahash: string; place: Place },
): void {
  const value = optionalProperty(object, 'metablockhash')
  if (value === undefined) return
  const found = asHash(value, 'metablockhash')
  if (found !== entry.metahash) entry.place.broken(`metablockhash expected ${entry.metahash}, found ${found}`)
  if (entry.type === 'File') entry.place.unlike('a File has metablockhash, although it equals metahash')
}

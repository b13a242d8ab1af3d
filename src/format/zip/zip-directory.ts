// Reads the end and the directory of a zip archive: which entries there are, and where. An archive may come from
// anybody, so every number is checked against the size of the archive before it is used, and entries may not share
// bytes: what is listed can never be more than what is there.
import { PullbackError } from '../../base/errors.ts'
import type { ByteSource } from '../byte-source.ts'
import {
  extra64Id,
  recordBytes,
  saturated16,
  saturated32,
  signatures,
  type DirectoryPlace,
  type ZipEntry,
} from './zip-records.ts'

export interface ListedEntry extends ZipEntry {
  /** General purpose flags; see `flagBits`. */
  readonly flags: number
}

export interface ZipDirectory {
  /** By name, with `/` between its parts. Of entries with one name it is the last. */
  readonly entries: ReadonlyMap<string, ListedEntry>
  /** Where the directory begins: all entries end before. */
  readonly offset: number
}

/** Ten times what 250,000 blocks need; it is held in memory while it is read. */
const directoryMaxBytes = 256 * 1024 * 1024

/** Fails with `VolumeDamaged`. */
export function readDirectory(source: ByteSource): ZipDirectory {
  const place = directoryPlace(source)
  if (place.sizeBytes > directoryMaxBytes) throw damaged(`has a directory of ${place.sizeBytes} bytes`)
  const bytes = source.read(place.offset, place.sizeBytes)
  const entries = new Map<string, ListedEntry>()
  const spans: Span[] = []
  let at = 0
  for (let count = 0; count < place.entryCount; count += 1) {
    const { name, entry, recordEnd, leastBytes } = readRecord(bytes, at)
    const span = { start: entry.headerOffset, end: entry.headerOffset + leastBytes + entry.compressedBytes }
    if (span.end > place.offset) throw damaged(`says that entry "${name}" lies where no entries are`)
    spans.push(span)
    entries.set(name, entry)
    at = recordEnd
  }
  refuseOverlaps(spans)
  return { entries, offset: place.offset }
}

/** The name of an entry as it is looked up. Archives that old releases wrote on Windows have `\` in names. */
export function entryName(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\\', '/')
}

/**
 * The numbers of a header or directory record, those that are saturated replaced by the 64-bit ones of the extra field,
 * which hold them in the same order.
 */
export function widened(numbers: readonly number[], extra: Buffer): readonly number[] {
  if (!numbers.includes(saturated32)) return numbers
  const field = extra64Field(extra)
  let at = 0
  return numbers.map((number) => {
    if (number !== saturated32) return number
    if (at + 8 > field.length) throw damaged('lacks a 64-bit number')
    at += 8
    return uint64(field, at - 8)
  })
}

export function damaged(how: string): PullbackError {
  return new PullbackError('VolumeDamaged', { what: `the archive ${how}` })
}

interface Span {
  readonly start: number
  readonly end: number
}

function refuseOverlaps(spans: Span[]): void {
  // Nearly always in order already, and then done in one pass.
  spans.sort((a, b) => a.start - b.start)
  let end = 0
  for (const span of spans) {
    if (span.start < end) throw damaged(`has entries that share bytes, at ${span.start}`)
    end = span.end
  }
}

function readRecord(
  bytes: Buffer,
  at: number,
): { name: string; entry: ListedEntry; recordEnd: number; leastBytes: number } {
  const nameStart = at + recordBytes.directoryRecord
  if (nameStart > bytes.length || bytes.readUInt32LE(at) !== signatures.directoryRecord) {
    throw damaged('has a directory with fewer entries than it says')
  }
  const nameEnd = nameStart + bytes.readUInt16LE(at + 28)
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30)
  const recordEnd = extraEnd + bytes.readUInt16LE(at + 32)
  if (recordEnd > bytes.length) throw damaged('has a directory that ends within an entry')
  const name = entryName(bytes.subarray(nameStart, nameEnd))
  const numbers = [at + 24, at + 20, at + 42].map((offset) => bytes.readUInt32LE(offset))
  const [sizeBytes = 0, compressedBytes = 0, headerOffset = 0] = widened(
    numbers,
    bytes.subarray(nameEnd, extraEnd),
  )
  const flags = bytes.readUInt16LE(at + 8)
  const method = bytes.readUInt16LE(at + 10)
  const crc = bytes.readUInt32LE(at + 16)
  const entry = { flags, method, crc, sizeBytes, compressedBytes, headerOffset }
  return { name, entry, recordEnd, leastBytes: recordBytes.localHeader + (nameEnd - nameStart) }
}

function directoryPlace(source: ByteSource): DirectoryPlace {
  const tailStart = Math.max(0, source.sizeBytes - recordBytes.end - saturated16)
  const tail = source.read(tailStart, source.sizeBytes - tailStart)
  const at = endRecordIn(tail)
  const parts = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)]
  const place = {
    entryCount: tail.readUInt16LE(at + 10),
    sizeBytes: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  }
  const isSaturated =
    place.entryCount === saturated16 || place.sizeBytes === saturated32 || place.offset === saturated32
  const wide = isSaturated ? directoryPlace64(source, tailStart + at) : undefined
  const { offset, sizeBytes } = wide ?? place
  if (!wide && parts.some((part) => part !== 0)) throw damaged('is one part of several')
  if (offset + sizeBytes > tailStart + at) throw damaged('says that its directory lies behind its end')
  return wide ?? place
}

/** Where the end record begins: the last place from which a record with its comment reaches exactly to the end. */
function endRecordIn(tail: Buffer): number {
  for (let at = tail.length - recordBytes.end; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== signatures.end) continue
    if (at + recordBytes.end + tail.readUInt16LE(at + 20) === tail.length) return at
  }
  throw damaged('has no end: it is cut off, or no zip archive')
}

/** What the 64-bit end record says; undefined where there is none, and the numbers mean what they are. */
function directoryPlace64(source: ByteSource, endOffset: number): DirectoryPlace | undefined {
  const locatorOffset = endOffset - recordBytes.end64Locator
  if (locatorOffset < 0) return undefined
  const locator = source.read(locatorOffset, recordBytes.end64Locator)
  if (locator.readUInt32LE(0) !== signatures.end64Locator) return undefined
  const end64Offset = uint64(locator, 8)
  if (end64Offset + recordBytes.end64 > locatorOffset) throw damaged('names a place of its end that it lacks')
  const end64 = source.read(end64Offset, recordBytes.end64)
  if (end64.readUInt32LE(0) !== signatures.end64) throw damaged('has no 64-bit end where it says')
  if (locator.readUInt32LE(16) > 1 || end64.readUInt32LE(16) !== 0) throw damaged('is one part of several')
  return { entryCount: uint64(end64, 32), sizeBytes: uint64(end64, 40), offset: uint64(end64, 48) }
}

function extra64Field(extra: Buffer): Buffer {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === extra64Id) return extra.subarray(at + 4, end)
    at = end
  }
  return extra.subarray(0, 0)
}

/** Inexact from 2^53 on, where every check against the size of the archive fails anyway. */
function uint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
}

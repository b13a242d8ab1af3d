// The records of a zip archive as they are written (APPNOTE.TXT 6.3.10, section 4.3): header, directory record and
// end. The 64-bit forms come only where a number needs them. In a volume times are fixed and modes left out, as nobody
// reads them; an archive made for people has both.
import { isAscii, isUtf8 } from 'node:buffer'
import { assert } from '../../base/assert.ts'

export const storedMethod = 0
export const deflateMethod = 8

export const signatures = {
  localHeader: 0x04034b50,
  directoryRecord: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
  sizes: 0x08074b50,
} as const

/** Bytes of each record without its parts of free length. */
export const recordBytes = {
  localHeader: 30,
  directoryRecord: 46,
  end: 22,
  end64: 56,
  end64Locator: 20,
} as const

/** Bits of the general purpose flags. */
export const flagBits = { encrypted: 1 << 0, sizesFollow: 1 << 3, utf8Name: 1 << 11 } as const

/** Stand for "look in the 64-bit field". */
export const saturated16 = 0xffff
export const saturated32 = 0xffffffff

/** Of the extra fields that hold 64-bit numbers, and a time in UTC. */
export const extra64Id = 1
const timeExtraId = 0x5455

/** What an archive says of one entry. */
export interface ZipEntry {
  readonly method: number
  /** CRC-32 of the content. */
  readonly crc: number
  readonly sizeBytes: number
  readonly compressedBytes: number
  /** Where its local header begins. */
  readonly headerOffset: number
}

/** What an archive made for people says of an entry beside that. */
export interface ZipTraits {
  /** Kind and permission bits, as `st_mode`. */
  readonly unixMode: number
  /** Seconds since 1970. */
  readonly modifiedS: number
  /** Sizes and checksum are not known yet and stand behind the content. */
  readonly sizesFollow?: boolean
  /** Sizes may need more than 32 bits. */
  readonly mayBeBig?: boolean
}

/** The version of the format that a reader must know: 2.0, and 4.5 for 64-bit numbers. */
const plainVersion = 20
const bigVersion = 45

/** Goes with the traits: who made the archive has Unix modes. Without them it is left at 0 (DOS). */
const madeByUnix = 3 << 8
/** The attribute of DOS for a folder. */
const dosFolder = 0x10

/** A name is text, or the bytes that it is on its machine. */
export function localHeader(name: string | Buffer, entry: ZipEntry, traits?: ZipTraits): Buffer {
  const nameBytes = encodeName(name)
  const sizesFollow = traits?.sizesFollow === true
  const big = sizesFollow ? traits.mayBeBig === true : hasBigSizes(entry)
  const known = sizesFollow ? { ...entry, crc: 0, sizeBytes: 0, compressedBytes: 0 } : entry
  const sizes = extra64(big ? [known.sizeBytes, known.compressedBytes] : [])
  const extra = traits ? Buffer.concat([sizes, timeExtra(traits)]) : sizes
  const record = Buffer.allocUnsafe(recordBytes.localHeader)
  record.writeUInt32LE(signatures.localHeader, 0)
  record.writeUInt16LE(big ? bigVersion : plainVersion, 4)
  writeCommonFields(record.subarray(6), { nameBytes, entry: known, big, extraBytes: extra.length, traits })
  return Buffer.concat([record, nameBytes, extra])
}

export function directoryRecord(name: string | Buffer, entry: ZipEntry, traits?: ZipTraits): Buffer {
  const nameBytes = encodeName(name)
  const big = hasBigSizes(entry)
  const far = entry.headerOffset >= saturated32
  const sizes = big ? [entry.sizeBytes, entry.compressedBytes] : []
  const numbers = extra64(far ? [...sizes, entry.headerOffset] : sizes)
  const extra = traits ? Buffer.concat([numbers, timeExtra(traits)]) : numbers
  const version = big || far || traits?.mayBeBig ? bigVersion : plainVersion
  const record = Buffer.alloc(recordBytes.directoryRecord)
  record.writeUInt32LE(signatures.directoryRecord, 0)
  // As Unix, an entry without traits would be unpacked with mode 000.
  record.writeUInt16LE(traits ? madeByUnix | version : version, 4)
  record.writeUInt16LE(version, 6)
  writeCommonFields(record.subarray(8), { nameBytes, entry, big, extraBytes: extra.length, traits })
  if (traits) record.writeUInt32LE(externalAttributes(traits), 38)
  record.writeUInt32LE(far ? saturated32 : entry.headerOffset, 42)
  return Buffer.concat([record, nameBytes, extra])
}

/** What stands behind a content whose sizes were not known before. */
export function sizesRecord(entry: ZipEntry, mayBeBig: boolean): Buffer {
  const record = Buffer.alloc(mayBeBig ? 24 : 16)
  record.writeUInt32LE(signatures.sizes, 0)
  record.writeUInt32LE(entry.crc, 4)
  if (mayBeBig) {
    record.writeBigUInt64LE(BigInt(entry.compressedBytes), 8)
    record.writeBigUInt64LE(BigInt(entry.sizeBytes), 16)
  } else {
    record.writeUInt32LE(entry.compressedBytes, 8)
    record.writeUInt32LE(entry.sizeBytes, 12)
  }
  return record
}

/** The directory as the end records describe it. */
export interface DirectoryPlace {
  readonly entryCount: number
  readonly offset: number
  readonly sizeBytes: number
}

export function endRecords({ entryCount, offset, sizeBytes }: DirectoryPlace): Buffer {
  const end = Buffer.alloc(recordBytes.end)
  end.writeUInt32LE(signatures.end, 0)
  end.writeUInt16LE(Math.min(entryCount, saturated16), 8)
  end.writeUInt16LE(Math.min(entryCount, saturated16), 10)
  end.writeUInt32LE(Math.min(sizeBytes, saturated32), 12)
  end.writeUInt32LE(Math.min(offset, saturated32), 16)
  if (entryCount < saturated16 && sizeBytes < saturated32 && offset < saturated32) return end
  const end64 = Buffer.alloc(recordBytes.end64 + recordBytes.end64Locator)
  end64.writeUInt32LE(signatures.end64, 0)
  // The bytes of the record after this field.
  end64.writeBigUInt64LE(BigInt(recordBytes.end64 - 12), 4)
  end64.writeUInt16LE(bigVersion, 12)
  end64.writeUInt16LE(bigVersion, 14)
  end64.writeBigUInt64LE(BigInt(entryCount), 24)
  end64.writeBigUInt64LE(BigInt(entryCount), 32)
  end64.writeBigUInt64LE(BigInt(sizeBytes), 40)
  end64.writeBigUInt64LE(BigInt(offset), 48)
  end64.writeUInt32LE(signatures.end64Locator, 56)
  end64.writeBigUInt64LE(BigInt(offset + sizeBytes), 64)
  // The number of parts of the archive.
  end64.writeUInt32LE(1, 72)
  return Buffer.concat([end64, end])
}

interface CommonFields {
  readonly nameBytes: Buffer
  readonly entry: ZipEntry
  readonly big: boolean
  readonly extraBytes: number
  readonly traits: ZipTraits | undefined
}

/** From the flags to the length of the extra field, headers and directory records are alike. */
function writeCommonFields(record: Buffer, fields: CommonFields): void {
  const { nameBytes, entry, big, extraBytes, traits } = fields
  const utf8 = isAscii(nameBytes) || !isUtf8(nameBytes) ? 0 : flagBits.utf8Name
  record.writeUInt16LE(utf8 | (traits?.sizesFollow ? flagBits.sizesFollow : 0), 0)
  record.writeUInt16LE(entry.method, 2)
  const { time, date } = traits ? dosMoment(traits.modifiedS) : noMoment
  record.writeUInt16LE(time, 4)
  record.writeUInt16LE(date, 6)
  record.writeUInt32LE(entry.crc, 8)
  record.writeUInt32LE(big ? saturated32 : entry.compressedBytes, 12)
  record.writeUInt32LE(big ? saturated32 : entry.sizeBytes, 16)
  record.writeUInt16LE(nameBytes.length, 20)
  record.writeUInt16LE(extraBytes, 22)
}

function encodeName(name: string | Buffer): Buffer {
  const bytes = typeof name === 'string' ? Buffer.from(name) : name
  assert(bytes.length > 0 && bytes.length <= saturated16, 'the name of an entry fits into its field')
  return bytes
}

function hasBigSizes(entry: ZipEntry): boolean {
  return entry.sizeBytes >= saturated32 || entry.compressedBytes >= saturated32
}

function extra64(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0)
  const extra = Buffer.allocUnsafe(4 + 8 * values.length)
  extra.writeUInt16LE(extra64Id, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  values.forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index))
  return extra
}

/** The time to the second, in UTC; the fields of DOS have two seconds and no time zone. Left out where 32 bits end. */
function timeExtra({ modifiedS }: ZipTraits): Buffer {
  const seconds = Math.floor(modifiedS)
  if (seconds < -(2 ** 31) || seconds >= 2 ** 31) return Buffer.alloc(0)
  const extra = Buffer.alloc(9)
  extra.writeUInt16LE(timeExtraId, 0)
  extra.writeUInt16LE(5, 2)
  // Of three times that could follow, the first alone does.
  extra[4] = 1
  extra.writeInt32LE(seconds, 5)
  return extra
}

function externalAttributes({ unixMode }: ZipTraits): number {
  const isFolder = (unixMode & 0o170_000) === 0o040_000
  return unixMode * 2 ** 16 + (isFolder ? dosFolder : 0)
}

interface DosMoment {
  readonly time: number
  readonly date: number
}

// 1980-01-01 00:00, the first time that DOS knows, and the last.
const noMoment: DosMoment = { time: 0, date: 0x21 }
const lastMoment: DosMoment = { time: 0xbf7d, date: 0xff9f }

/** By the clock on the wall here, as readers take it. */
function dosMoment(modifiedS: number): DosMoment {
  const moment = new Date(modifiedS * 1000)
  const year = moment.getFullYear()
  if (!(year >= 1980)) return noMoment
  if (year > 2107) return lastMoment
  return {
    time: (moment.getHours() << 11) | (moment.getMinutes() << 5) | (moment.getSeconds() >> 1),
    date: ((year - 1980) << 9) | ((moment.getMonth() + 1) << 5) | moment.getDate(),
  }
}

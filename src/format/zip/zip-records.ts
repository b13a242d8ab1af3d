// The records of a zip archive as they are written (APPNOTE.TXT 6.3.10, section 4.3): header, directory record and
// end. The 64-bit forms come only where a number needs them. Times are fixed: nobody reads them.
import { assert } from '../../base/assert.ts'

export const storedMethod = 0
export const deflateMethod = 8

export const signatures = {
  localHeader: 0x04034b50,
  directoryRecord: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  end64Locator: 0x07064b50,
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

/** Of the extra field that holds 64-bit numbers. */
export const extra64Id = 1

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

/** The version of the format that a reader must know: 2.0, and 4.5 for 64-bit numbers. */
const plainVersion = 20
const bigVersion = 45

// 1980-01-01 00:00, the first time that DOS knows.
const dosTime = 0
const dosDate = 0x21

export function localHeader(name: string, entry: ZipEntry): Buffer {
  const nameBytes = encodeName(name)
  const big = hasBigSizes(entry)
  const extra = extra64(big ? [entry.sizeBytes, entry.compressedBytes] : [])
  const record = Buffer.allocUnsafe(recordBytes.localHeader)
  record.writeUInt32LE(signatures.localHeader, 0)
  record.writeUInt16LE(big ? bigVersion : plainVersion, 4)
  writeCommonFields(record.subarray(6), { name, nameBytes, entry, big, extraBytes: extra.length })
  return Buffer.concat([record, nameBytes, extra])
}

export function directoryRecord(name: string, entry: ZipEntry): Buffer {
  const nameBytes = encodeName(name)
  const big = hasBigSizes(entry)
  const far = entry.headerOffset >= saturated32
  const sizes = big ? [entry.sizeBytes, entry.compressedBytes] : []
  const extra = extra64(far ? [...sizes, entry.headerOffset] : sizes)
  const version = big || far ? bigVersion : plainVersion
  const record = Buffer.alloc(recordBytes.directoryRecord)
  record.writeUInt32LE(signatures.directoryRecord, 0)
  // Made by: the system is left at 0 (DOS). As Unix, mode 000 would be unpacked.
  record.writeUInt16LE(version, 4)
  record.writeUInt16LE(version, 6)
  writeCommonFields(record.subarray(8), { name, nameBytes, entry, big, extraBytes: extra.length })
  record.writeUInt32LE(far ? saturated32 : entry.headerOffset, 42)
  return Buffer.concat([record, nameBytes, extra])
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
  readonly name: string
  readonly nameBytes: Buffer
  readonly entry: ZipEntry
  readonly big: boolean
  readonly extraBytes: number
}

/** From the flags to the length of the extra field, headers and directory records are alike. */
function writeCommonFields(record: Buffer, { name, nameBytes, entry, big, extraBytes }: CommonFields): void {
  record.writeUInt16LE(nameBytes.length === name.length ? 0 : flagBits.utf8Name, 0)
  record.writeUInt16LE(entry.method, 2)
  record.writeUInt16LE(dosTime, 4)
  record.writeUInt16LE(dosDate, 6)
  record.writeUInt32LE(entry.crc, 8)
  record.writeUInt32LE(big ? saturated32 : entry.compressedBytes, 12)
  record.writeUInt32LE(big ? saturated32 : entry.sizeBytes, 16)
  record.writeUInt16LE(nameBytes.length, 20)
  record.writeUInt16LE(extraBytes, 22)
}

function encodeName(name: string): Buffer {
  const bytes = Buffer.from(name)
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

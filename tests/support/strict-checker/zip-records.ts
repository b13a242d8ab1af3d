// The two headers every zip entry has, in the central directory and before its data, and the demand that they agree:
// no data descriptor, sizes and CRC in both, methods 0 and 8, no extra fields.
import { Unreadable, type Place } from './findings.ts'
import type { ZipDirectory } from './zip-directory.ts'

export type ZipRecord = {
  name: string
  rawName: Buffer
  versionNeeded: number
  flags: number
  method: number
  crc: number
  packedBytes: number
  sizeBytes: number
  headerAt: number
  hasDescriptor: boolean
}

const CENTRAL = 0x02014b50
const CENTRAL_BYTES = 46
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30
const FULL_32 = 0xffffffff
const FLAG_DESCRIPTOR = 1 << 3
const FLAG_UTF8 = 1 << 11
/** What the compressor tells about its effort; it only means something for method 8. */
const FLAGS_EFFORT = 0b110
const ZIP64_FIELD = 1

/** The records of the central directory, each compared with the profile. */
export function readCentralRecords(zip: Buffer, directory: ZipDirectory, place: Place): ZipRecord[] {
  const records: ZipRecord[] = []
  let at = directory.at
  for (let index = 0; index < directory.entries; index += 1) {
    expectSignature(zip, at, { signature: CENTRAL, headerBytes: CENTRAL_BYTES, what: 'central record' })
    const nameEnd = at + CENTRAL_BYTES + zip.readUInt16LE(at + 28)
    const extraEnd = nameEnd + zip.readUInt16LE(at + 30)
    const commentEnd = extraEnd + zip.readUInt16LE(at + 32)
    if (commentEnd > zip.length)
      throw new Unreadable(`byte ${at}: central record reaches beyond the end of the archive`)
    const record = centralRecord(zip, at, { rawName: zip.subarray(at + CENTRAL_BYTES, nameEnd), place })
    const here = place.at(`entry "${record.name}"`)
    const extra = zip.subarray(nameEnd, extraEnd)
    expectNoExtra(extra, here)
    widen(record, extra)
    if (commentEnd > extraEnd) here.unlike(`byte ${extraEnd}: the entry has a comment; expected none`)
    if (zip.readUInt16LE(at + 34) !== 0) here.broken(`byte ${at + 34}: disk number expected 0`)
    expectProfile(record, here)
    expectDosTime(zip.readUInt32LE(at + 12), here)
    records.push(record)
    at = commentEnd
  }
  const leftOver = directory.at + directory.sizeBytes - at
  if (leftOver !== 0)
    place.broken(`byte ${at}: the central directory is ${leftOver} bytes longer than its records`)
  return records
}

/** Compares the local header with its central record; returns where the data begins. */
export function readLocalHeader(zip: Buffer, record: ZipRecord, place: Place): number {
  const at = record.headerAt
  expectSignature(zip, at, { signature: LOCAL, headerBytes: LOCAL_BYTES, what: 'local header' })
  const nameEnd = at + LOCAL_BYTES + zip.readUInt16LE(at + 26)
  const extraEnd = nameEnd + zip.readUInt16LE(at + 28)
  const pairs: [string, number, number][] = [
    ['version needed', record.versionNeeded, zip.readUInt16LE(at + 4)],
    ['flags', record.flags, zip.readUInt16LE(at + 6)],
    ['method', record.method, zip.readUInt16LE(at + 8)],
    ['CRC-32', record.crc, zip.readUInt32LE(at + 14)],
    ['packed size', record.packedBytes, zip.readUInt32LE(at + 18)],
    ['size', record.sizeBytes, zip.readUInt32LE(at + 22)],
  ]
  for (const [what, central, local] of pairs) {
    if (central !== local) {
      place.unlike(
        `byte ${at}: ${what} in the local header expected ${central} as in the directory, found ${local}`,
      )
    }
  }
  expectDosTime(zip.readUInt32LE(at + 10), place)
  if (!zip.subarray(at + LOCAL_BYTES, nameEnd).equals(record.rawName)) {
    place.broken(`byte ${at + LOCAL_BYTES}: the local header has another name than the directory`)
  }
  expectNoExtra(zip.subarray(nameEnd, extraEnd), place)
  return extraEnd
}

function expectSignature(
  zip: Buffer,
  at: number,
  header: { signature: number; headerBytes: number; what: string },
): void {
  const fits = at + header.headerBytes <= zip.length
  if (!fits || zip.readUInt32LE(at) !== header.signature) {
    throw new Unreadable(`byte ${at}: ${header.what} expected, found none`)
  }
}

function centralRecord(zip: Buffer, at: number, named: { rawName: Buffer; place: Place }): ZipRecord {
  const flags = zip.readUInt16LE(at + 8)
  return {
    name: decodeName(named.rawName, flags, named.place),
    rawName: named.rawName,
    versionNeeded: zip.readUInt16LE(at + 6),
    flags,
    method: zip.readUInt16LE(at + 10),
    crc: zip.readUInt32LE(at + 16),
    packedBytes: zip.readUInt32LE(at + 20),
    sizeBytes: zip.readUInt32LE(at + 24),
    headerAt: zip.readUInt32LE(at + 42),
    hasDescriptor: (flags & FLAG_DESCRIPTOR) !== 0,
  }
}

/** Names are ASCII; only those of extra/ follow local file names and are UTF-8 then, with the flag that says so. */
function decodeName(rawName: Buffer, flags: number, place: Place): string {
  const name = rawName.toString('utf8')
  const here = place.at(`entry "${name}"`)
  const isAscii = rawName.every((byte) => byte >= 0x20 && byte < 0x7f)
  const saysUtf8 = (flags & FLAG_UTF8) !== 0
  if (!isAscii && !name.startsWith('extra/')) here.unlike('name expected plain ASCII')
  if (!isAscii && (!saysUtf8 || !Buffer.from(name, 'utf8').equals(rawName))) {
    here.unlike('a name beyond ASCII expected as UTF-8 with flag bit 11')
  }
  if (isAscii && saysUtf8) here.unlike('flag bit 11 (UTF-8) on a plain ASCII name')
  if (name.includes('\\')) here.unlike('name has "\\"; separator expected "/"')
  if (name.endsWith('/')) here.unlike('is a folder entry; expected none')
  return name.replaceAll('\\', '/')
}

function expectProfile(record: ZipRecord, place: Place): void {
  const { method, flags, versionNeeded } = record
  if (method !== 0 && method !== 8) place.broken(`method expected 0 or 8, found ${method}`)
  if (record.hasDescriptor)
    place.unlike('has a data descriptor (flag bit 3); sizes expected in the local header')
  const known = FLAG_DESCRIPTOR | FLAG_UTF8 | (method === 8 ? FLAGS_EFFORT : 0)
  if ((flags & ~known) !== 0) place.broken(`flags expected none beyond ${known}, found ${flags}`)
  const versions = method === 0 ? [10, 20] : [20]
  if (!versions.includes(versionNeeded)) {
    place.unlike(`version needed expected ${versions.join(' or ')}, found ${versionNeeded}`)
  }
  if (method === 0 && record.packedBytes !== record.sizeBytes) {
    place.broken(`stored size expected ${record.sizeBytes} bytes, found ${record.packedBytes}`)
  }
}

/** A volume is far below 4 GiB, so no entry needs zip64 sizes, and the profile has no other extra field. */
function expectNoExtra(extra: Buffer, place: Place): void {
  if (extra.length === 0) return
  const id = extra.length < 2 ? 'unknown' : `0x${extra.readUInt16LE(0).toString(16).padStart(4, '0')}`
  place.unlike(`extra field ${id} of ${extra.length} bytes; expected none`)
}

/**
 * Takes sizes and offset from the zip64 field of a foreign archive, which holds only the saturated ones, in this
 * order.
 */
function widen(record: ZipRecord, extra: Buffer): void {
  let at = 0
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== ZIP64_FIELD)
    at += 4 + extra.readUInt16LE(at + 2)
  at += 4
  for (const key of ['sizeBytes', 'packedBytes', 'headerAt'] as const) {
    if (record[key] !== FULL_32) continue
    if (at + 8 > extra.length) throw new Unreadable(`entry "${record.name}" lacks the zip64 value of ${key}`)
    record[key] = Number(extra.readBigUInt64LE(at))
    at += 8
  }
}

function expectDosTime(stamp: number, place: Place): void {
  const [time, date] = [stamp & 0xffff, stamp >>> 16]
  const month = (date >> 5) & 15
  const isValid = month >= 1 && month <= 12 && (date & 31) >= 1 && time >> 11 < 24 && ((time >> 5) & 63) < 60
  if (!isValid || (time & 31) >= 30)
    place.unlike(`DOS time 0x${stamp.toString(16).padStart(8, '0')} is no time`)
}

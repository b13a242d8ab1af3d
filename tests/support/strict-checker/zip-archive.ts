// Reads a zip archive byte by byte: the central directory, then every local header against it, so that no byte of the
// file is left unexplained. Contents are unpacked on demand and compared with length and CRC-32.
import assert from 'node:assert/strict'
import { crc32, inflateRawSync } from 'node:zlib'
import { Unreadable, type Place } from './findings.ts'
import { readCentralRecords, readLocalHeader, type ZipRecord } from './zip-records.ts'
import { findDirectory, type ZipDirectory } from './zip-directory.ts'

export type ZipEntry = { name: string; sizeBytes: number; content: () => Buffer }

const STORED = 0
const DEFLATED = 8

/** The entries in the order of the central directory; throws Unreadable if the archive is not one. */
export function readArchive(zip: Buffer, place: Place): ZipEntry[] {
  const directory = findDirectory(zip, place)
  const records = readCentralRecords(zip, directory, place)
  const dataStarts = walkLocalHeaders(zip, { directory, records, place })
  expectUniqueNames(records, place)
  return records.map((record) => {
    const dataAt = dataStarts.get(record) ?? 0
    const packed = zip.subarray(dataAt, dataAt + record.packedBytes)
    return { name: record.name, sizeBytes: record.sizeBytes, content: () => unpack(record, packed) }
  })
}

/** Local headers must follow one another without gap or overlap from byte 0 to the central directory. */
function walkLocalHeaders(
  zip: Buffer,
  archive: { directory: ZipDirectory; records: readonly ZipRecord[]; place: Place },
): Map<ZipRecord, number> {
  const { directory, records, place } = archive
  const dataStarts = new Map<ZipRecord, number>()
  const inFileOrder = records.toSorted((a, b) => a.headerAt - b.headerAt)
  if (inFileOrder.some((record, index) => record !== records[index])) {
    place.unlike('the central directory lists the entries in another order than they lie in the file')
  }
  let endOfLast = 0
  let mayBeDescriptor = false
  for (const record of inFileOrder) {
    const here = place.at(`entry "${record.name}"`)
    expectContiguous(here, { endOfLast, next: record.headerAt, what: 'local header', mayBeDescriptor })
    const dataAt = readLocalHeader(zip, record, here)
    dataStarts.set(record, dataAt)
    endOfLast = dataAt + record.packedBytes
    mayBeDescriptor = record.hasDescriptor
    if (endOfLast > zip.length)
      throw new Unreadable(`entry "${record.name}" reaches beyond the end of the archive`)
  }
  expectContiguous(place, { endOfLast, next: directory.at, what: 'central directory', mayBeDescriptor })
  return dataStarts
}

const MAX_DESCRIPTOR_BYTES = 24

function expectContiguous(
  place: Place,
  seam: { endOfLast: number; next: number; what: string; mayBeDescriptor: boolean },
): void {
  const gap = seam.next - seam.endOfLast
  if (gap < 0)
    place.broken(`byte ${seam.next}: ${seam.what} overlaps the entry before, which ends at ${seam.endOfLast}`)
  if (gap > (seam.mayBeDescriptor ? MAX_DESCRIPTOR_BYTES : 0)) {
    place.unlike(
      `byte ${seam.endOfLast}: ${gap} bytes belong to nothing; ${seam.what} expected here, found at ${seam.next}`,
    )
  }
}

function expectUniqueNames(records: readonly ZipRecord[], place: Place): void {
  const seen = new Set<string>()
  for (const { name } of records) {
    if (seen.has(name)) place.at(`entry "${name}"`).unlike('occurs more than once')
    seen.add(name)
  }
}

function unpack(record: ZipRecord, packed: Buffer): Buffer {
  const content = record.method === STORED ? packed : inflate(record, packed)
  if (content.length !== record.sizeBytes) {
    throw new Unreadable(`unpacked size expected ${record.sizeBytes} bytes, found ${content.length}`)
  }
  const crc = crc32(content)
  if (crc !== record.crc) throw new Unreadable(`CRC-32 expected ${hex(record.crc)}, found ${hex(crc)}`)
  return content
}

function inflate(record: ZipRecord, packed: Buffer): Buffer {
  if (record.method !== DEFLATED) throw new Unreadable(`method expected 0 or 8, found ${record.method}`)
  try {
    const inflated: unknown = inflateRawSync(packed, {
      info: true,
      maxOutputLength: Math.max(record.sizeBytes, 1),
    })
    assert(isInflated(inflated))
    const { buffer, engine } = inflated
    if (engine.bytesWritten !== packed.length) {
      throw new Unreadable(`${packed.length - engine.bytesWritten} bytes follow the deflated data`)
    }
    return buffer
  } catch (error) {
    if (error instanceof Unreadable) throw error
    throw new Unreadable(`cannot be inflated: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** The result of `info: true`, which tells how many bytes the stream really took; Node's types do not know it. */
function isInflated(value: unknown): value is { buffer: Buffer; engine: { bytesWritten: number } } {
  return typeof value === 'object' && value !== null && 'buffer' in value && 'engine' in value
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}

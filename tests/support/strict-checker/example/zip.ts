// Writes a zip archive the plain way, or with one thing wrong on demand, so that the checker can prove it notices.
import { crc32, deflateRawSync } from 'node:zlib'

export type Part = { name: string; content: Buffer; stored?: boolean }

/** What to do wrong; sizes are counts of zero bytes put where none belong. */
export type ZipQuirks = {
  prefixBytes?: number
  gapBytes?: number
  gapBeforeDirectoryBytes?: number
  gapBeforeEndBytes?: number
  trailingBytes?: number
  bytesAfterDeflate?: number
  comment?: string
  entryComment?: string
  extraField?: Buffer
  descriptors?: boolean
  localSizeError?: number
  sizeError?: number
  packedSizeError?: number
  crcError?: number
  localName?: string
  method?: number
  flags?: number
  versionNeeded?: number
  dosTime?: number
  reverseDirectory?: boolean
  zip64?: boolean
}

/** 2023-11-14 22:13:20 in the format of DOS. */
const DOS_TIME = (((2023 - 1980) << 25) | (11 << 21) | (14 << 16) | (22 << 11) | (13 << 5) | 10) >>> 0

export function writeZip(parts: readonly Part[], quirks: ZipQuirks = {}): Buffer {
  const chunks: Buffer[] = [Buffer.alloc(quirks.prefixBytes ?? 0)]
  const records: Buffer[] = []
  let at = quirks.prefixBytes ?? 0
  for (const [index, part] of parts.entries()) {
    const entry = writeEntry(part, quirks, at)
    const gap = Buffer.alloc(index === 0 ? (quirks.gapBytes ?? 0) : 0)
    records.push(entry.record)
    chunks.push(entry.bytes, gap)
    at += entry.bytes.length + gap.length
  }
  const directory = Buffer.concat(quirks.reverseDirectory === true ? records.toReversed() : records)
  const directoryAt = at + (quirks.gapBeforeDirectoryBytes ?? 0)
  chunks.push(Buffer.alloc(directoryAt - at), directory, Buffer.alloc(quirks.gapBeforeEndBytes ?? 0))
  const counts = { entries: parts.length, sizeBytes: directory.length, at: directoryAt }
  if (quirks.zip64 === true) chunks.push(zip64End(counts))
  chunks.push(end(counts, quirks.comment ?? ''), Buffer.alloc(quirks.trailingBytes ?? 0))
  return Buffer.concat(chunks)
}

function writeEntry(part: Part, quirks: ZipQuirks, at: number): { bytes: Buffer; record: Buffer } {
  const method = quirks.method ?? (part.stored === true ? 0 : 8)
  const packed = Buffer.concat([
    part.stored === true ? part.content : deflateRawSync(part.content),
    Buffer.alloc(quirks.bytesAfterDeflate ?? 0),
  ])
  const isAscii = /^[ -~]*$/.test(part.name)
  const flags = (quirks.flags ?? 0) | (quirks.descriptors === true ? 8 : 0) | (isAscii ? 0 : 1 << 11)
  const name = Buffer.from(part.name)
  const localName = Buffer.from(quirks.localName ?? part.name)
  const extra = quirks.extraField ?? Buffer.alloc(0)
  const crc = (crc32(part.content) ^ (quirks.crcError ?? 0)) >>> 0
  const sizeBytes = part.content.length + (quirks.sizeError ?? 0)

  const common = Buffer.alloc(26)
  common.writeUInt16LE(quirks.versionNeeded ?? 20, 0)
  common.writeUInt16LE(flags, 2)
  common.writeUInt16LE(method, 4)
  common.writeUInt32LE(quirks.dosTime ?? DOS_TIME, 6)
  common.writeUInt32LE(crc, 10)
  common.writeUInt32LE(packed.length + (quirks.packedSizeError ?? 0), 14)
  common.writeUInt32LE(sizeBytes, 18)
  common.writeUInt16LE(name.length, 22)
  common.writeUInt16LE(extra.length, 24)

  const local = Buffer.from(common)
  local.writeUInt32LE(sizeBytes + (quirks.localSizeError ?? 0), 18)
  local.writeUInt16LE(localName.length, 22)
  const descriptor = quirks.descriptors === true ? [signature('PK\u0007\u0008'), common.subarray(10, 22)] : []
  if (quirks.descriptors === true) local.fill(0, 10, 22)

  const entryComment = Buffer.from(quirks.entryComment ?? '')
  const rest = Buffer.alloc(14)
  rest.writeUInt16LE(entryComment.length, 0)
  rest.writeUInt32LE(at, 10)
  return {
    bytes: Buffer.concat([signature('PK\u0003\u0004'), local, localName, extra, packed, ...descriptor]),
    record: Buffer.concat([
      signature('PK\u0001\u0002'),
      Buffer.from([20, 0]),
      common,
      rest,
      name,
      extra,
      entryComment,
    ]),
  }
}

type Counts = { entries: number; sizeBytes: number; at: number }

function end(counts: Counts, comment: string): Buffer {
  const fields = Buffer.alloc(18)
  fields.writeUInt16LE(counts.entries, 4)
  fields.writeUInt16LE(counts.entries, 6)
  fields.writeUInt32LE(counts.sizeBytes, 8)
  fields.writeUInt32LE(counts.at, 12)
  fields.writeUInt16LE(comment.length, 16)
  return Buffer.concat([signature('PK\u0005\u0006'), fields, Buffer.from(comment)])
}

function zip64End(counts: Counts): Buffer {
  const fields = Buffer.alloc(52)
  fields.writeBigUInt64LE(44n, 0)
  fields.writeUInt16LE(45, 8)
  fields.writeUInt16LE(45, 10)
  fields.writeBigUInt64LE(BigInt(counts.entries), 20)
  fields.writeBigUInt64LE(BigInt(counts.entries), 28)
  fields.writeBigUInt64LE(BigInt(counts.sizeBytes), 36)
  fields.writeBigUInt64LE(BigInt(counts.at), 44)
  const locator = Buffer.alloc(16)
  locator.writeBigUInt64LE(BigInt(counts.at + counts.sizeBytes), 4)
  locator.writeUInt32LE(1, 12)
  return Buffer.concat([signature('PK\u0006\u0006'), fields, signature('PK\u0006\u0007'), locator])
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

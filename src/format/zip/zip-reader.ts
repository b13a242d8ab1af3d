// Reads the entries of an archive, each at its place. Takes what stock of any release writes: stored and deflated
// entries, sizes behind the data, 64-bit fields, any order. Whatever the bytes are, it fails with nothing but
// `VolumeDamaged` and `FormatUnsupported`, and takes no more memory than the caller allows for the entry.
import { crc32 } from 'node:zlib'
import { PullbackError } from '../../base/errors.ts'
import type { ByteSource } from '../byte-source.ts'
import { inflated } from './raw-deflate.ts'
import { damaged, entryName, readDirectory, widened, type ListedEntry } from './zip-directory.ts'
import { deflateMethod, flagBits, recordBytes, signatures, storedMethod } from './zip-records.ts'

export interface ZipArchive {
  /** What the directory says of each entry. Names have `/` between their parts. */
  readonly entries: ReadonlyMap<string, ListedEntry>
  /**
   * The content of an entry, checked against its size and CRC; an entry that says it is larger than `maxBytes` fails.
   * The result may be a view of the source's bytes, or of the beginning of `memory`, which saves making some for every
   * entry: it is used where it has more than `maxBytes`.
   */
  read(name: string, maxBytes: number, memory?: Buffer): Buffer
  /**
   * Where the data of an entry lies, for one that is too large to be read at once. Its CRC is for the caller to check.
   */
  rawEntry(name: string): RawEntry
}

export interface RawEntry {
  /** 0: the bytes are the content; 8: raw deflate data. */
  readonly method: number
  /** Of the data, from the start of the archive. */
  readonly offset: number
  readonly compressedBytes: number
  readonly sizeBytes: number
  /** CRC-32 of the content. */
  readonly crc: number
}

/** Read along with a header, so that most entries need one read: stock's extra fields have 20 bytes. */
const extraGuessBytes = 64

/** Deflate packs at most 258 bytes into 2 bits: 1032 to 1. */
const deflateMaxRatio = 1032

/** Methods that stock can be told to use, or could once (APPNOTE.TXT 6.3.10, section 4.4.5). */
const methodNames: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'BZip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
}

/** Reads the directory. Fails with `VolumeDamaged`. */
export function openZip(source: ByteSource): ZipArchive {
  const { entries, offset: entriesEnd } = readDirectory(source)

  const find = (name: string): ListedEntry => {
    const entry = entries.get(name)
    if (!entry) throw damaged(`has no entry "${name}"`)
    refuseUnreadable(name, entry)
    return entry
  }

  /** Where the data begins, with the bytes that were read on the way there: up to `aheadBytes` of the data. */
  const locate = (name: string, entry: ListedEntry, aheadBytes: number): { offset: number; head: Buffer } => {
    const { headerOffset, compressedBytes } = entry
    const guess = recordBytes.localHeader + Buffer.byteLength(name) + extraGuessBytes + aheadBytes
    const head = source.read(headerOffset, Math.min(guess, entriesEnd - headerOffset))
    const headerBytes = localHeaderBytes(name, head)
    const offset = headerOffset + headerBytes
    if (offset + compressedBytes > entriesEnd)
      throw damaged(`has an entry "${name}" that reaches into the directory`)
    const whole = headerBytes <= head.length ? head : source.read(headerOffset, headerBytes)
    compareHeader(name, entry, whole.subarray(0, headerBytes))
    return { offset, head }
  }

  return {
    entries,
    read(name, maxBytes, memory) {
      const entry = find(name)
      const { headerOffset, compressedBytes, sizeBytes, method } = entry
      if (sizeBytes > maxBytes) {
        throw damaged(`has an entry "${name}" of ${sizeBytes} bytes, where at most ${maxBytes} are right`)
      }
      const { offset, head } = locate(name, entry, compressedBytes)
      const start = offset - headerOffset
      const isRead = start + compressedBytes <= head.length
      const data = isRead
        ? head.subarray(start, start + compressedBytes)
        : source.read(offset, compressedBytes)
      const content = method === storedMethod ? data : sound(name, inflated(data, sizeBytes, memory))
      if (content.length !== sizeBytes || crc32(content) !== entry.crc) {
        throw damaged(`has an entry "${name}" that is not what was written: its checksum differs`)
      }
      return content
    },
    rawEntry(name) {
      const entry = find(name)
      const { method, compressedBytes, sizeBytes, crc } = entry
      return { method, offset: locate(name, entry, 0).offset, compressedBytes, sizeBytes, crc }
    },
  }
}

function refuseUnreadable(name: string, { method, flags, sizeBytes, compressedBytes }: ListedEntry): void {
  if ((flags & flagBits.encrypted) !== 0) throw unsupported(`entry "${name}" is encrypted by a zip password`)
  if (method !== storedMethod && method !== deflateMethod) {
    throw unsupported(
      `entry "${name}" has compression method ${method} (${methodNames[method] ?? 'unknown'})`,
    )
  }
  const isPossible =
    method === storedMethod
      ? sizeBytes === compressedBytes
      : sizeBytes <= compressedBytes * deflateMaxRatio && compressedBytes <= deflateMostBytes(sizeBytes)
  if (!isPossible) {
    throw damaged(`has an entry "${name}" of ${sizeBytes} bytes in ${compressedBytes}, which cannot be`)
  }
}

/** More than any compressor makes of a content: zlib promises at most a sixth more. Bounds what is read into memory. */
function deflateMostBytes(sizeBytes: number): number {
  return 2 * sizeBytes + 1024
}

function localHeaderBytes(name: string, head: Buffer): number {
  if (head.length < recordBytes.localHeader || head.readUInt32LE(0) !== signatures.localHeader) {
    throw damaged(`has no entry "${name}" where its directory says`)
  }
  return recordBytes.localHeader + head.readUInt16LE(26) + head.readUInt16LE(28)
}

/** The header before the data and the directory are to say the same, else one of them was tampered with or damaged. */
function compareHeader(name: string, entry: ListedEntry, header: Buffer): void {
  const nameEnd = recordBytes.localHeader + header.readUInt16LE(26)
  const numbers = [header.readUInt32LE(22), header.readUInt32LE(18)]
  const sizesFollow = (header.readUInt16LE(6) & flagBits.sizesFollow) !== 0
  const [sizeBytes, compressedBytes] = sizesFollow ? [] : widened(numbers, header.subarray(nameEnd))
  const agrees =
    header.readUInt16LE(8) === entry.method &&
    entryName(header.subarray(recordBytes.localHeader, nameEnd)) === name &&
    (sizesFollow ||
      (sizeBytes === entry.sizeBytes &&
        compressedBytes === entry.compressedBytes &&
        header.readUInt32LE(14) === entry.crc))
  if (!agrees) throw damaged(`has an entry "${name}" whose header and directory disagree`)
}

function sound(name: string, content: Buffer | undefined): Buffer {
  if (content) return content
  throw new PullbackError('VolumeDamaged', { what: `the entry "${name}" cannot be decompressed` })
}

function unsupported(what: string): PullbackError {
  return new PullbackError('FormatUnsupported', { what })
}

// Writes an archive for people front to back, into something that cannot be written twice: names as bytes, times, modes
// and links, sizes behind what was too long to be known before. An entry that turns out to be damaged while it is
// written is left out of the directory, and its checksum is made wrong for those who read without one. Nothing of it
// stays in memory; where the directory is kept until its time is the caller's business.
import { crc32, deflateRawSync } from 'node:zlib'
import { assert } from '../../base/assert.ts'
import { ByteGather } from './byte-gather.ts'
import { DeflatePieces } from './deflate-pieces.ts'
import {
  deflateMethod,
  directoryRecord,
  endRecords,
  localHeader,
  sizesRecord,
  storedMethod,
  type ZipEntry,
  type ZipTraits,
} from './zip-records.ts'

export interface ZipStreamOptions {
  /** Gets the archive in order, in pieces that are valid only until it returns. */
  readonly sink: (bytes: Buffer) => void
  /** Keeps the directory: gets it in order, in pieces that are valid only until it returns, and gives it back. */
  readonly directory: { readonly keep: (bytes: Buffer) => void; readonly pieces: () => Iterable<Uint8Array> }
}

export interface ZipContentEntry {
  /** With `/` between its parts, and at the end of a folder. */
  readonly name: Buffer
  readonly unixMode: number
  readonly modifiedS: number
}

/** The pieces that the sink gets. */
const pieceBytes = 256 * 1024
/** What is deflated can become longer, by 5 bytes in 16 KiB: from here on its sizes are given 64 bits. */
const maybeBigBytes = 2 ** 32 - 2 ** 24

export class ZipStream {
  readonly #out: ByteGather
  readonly #directory: ByteGather
  readonly #pieces: () => Iterable<Uint8Array>
  #entryCount = 0
  #long: LongEntry | undefined

  constructor({ sink, directory }: ZipStreamOptions) {
    this.#out = new ByteGather(pieceBytes, sink)
    this.#directory = new ByteGather(pieceBytes, directory.keep)
    this.#pieces = directory.pieces
  }

  /** Adds an entry of which all is known: a short file, a folder, a link, whose content is its target. */
  add(entry: ZipContentEntry, content: Uint8Array, { level }: { readonly level: number }): void {
    assert(!this.#long, 'entries come one after the other')
    const deflated = level === 0 ? undefined : deflateRawSync(content, { level })
    const isSmaller = deflated !== undefined && deflated.length < content.length
    const body = isSmaller ? deflated : content
    const facts: ZipEntry = {
      method: isSmaller ? deflateMethod : storedMethod,
      crc: crc32(content),
      sizeBytes: content.length,
      compressedBytes: body.length,
      headerOffset: this.#out.addedBytes,
    }
    this.#out.add(localHeader(entry.name, facts, entry))
    this.#out.add(body)
    this.#list(entry.name, facts, entry)
  }

  /** Begins an entry whose content comes in pieces, `sizeBytes` of them as far as is known. */
  begin(
    { name, unixMode, modifiedS }: ZipContentEntry,
    how: { readonly sizeBytes: number; readonly level: number },
  ): void {
    assert(!this.#long, 'entries come one after the other')
    const traits = { unixMode, modifiedS, sizesFollow: true, mayBeBig: how.sizeBytes >= maybeBigBytes }
    const headerOffset = this.#out.addedBytes
    this.#out.add(localHeader(name, { ...nothingKnown, headerOffset }, traits))
    const deflate = new DeflatePieces(how.level, (bytes) => this.#out.add(bytes))
    this.#long = { name, traits, headerOffset, deflate }
  }

  /** Copies the bytes. */
  write(bytes: Uint8Array): void {
    assert(this.#long, 'a content belongs to an entry that was begun')
    this.#long.deflate.add(bytes)
  }

  /** The content is whole. */
  end(): void {
    const { name, facts, traits } = this.#close(0)
    this.#list(name, facts, traits)
  }

  /** The content is not what it should be. */
  abandon(): void {
    this.#close(0xffff_ffff)
  }

  /** Writes the directory. Nothing can be added after it. */
  finish(): void {
    const offset = this.#out.addedBytes
    const sizeBytes = this.#directory.addedBytes
    this.#directory.flush()
    for (const piece of this.#pieces()) this.#out.add(piece)
    this.#out.add(endRecords({ entryCount: this.#entryCount, offset, sizeBytes }))
    this.#out.flush()
  }

  #close(crcFlip: number): { name: Buffer; facts: ZipEntry; traits: ZipTraits } {
    assert(this.#long, 'an entry ends once')
    const { name, traits, headerOffset, deflate } = this.#long
    this.#long = undefined
    const { crc, sizeBytes, compressedBytes } = deflate.finish()
    const wrongOrRight = (crc ^ crcFlip) >>> 0
    const facts = { method: deflateMethod, crc: wrongOrRight, sizeBytes, compressedBytes, headerOffset }
    this.#out.add(sizesRecord(facts, traits.mayBeBig === true))
    return { name, facts, traits }
  }

  #list(name: Buffer, facts: ZipEntry, traits: ZipTraits): void {
    this.#entryCount += 1
    this.#directory.add(directoryRecord(name, facts, traits))
  }
}

interface LongEntry {
  readonly name: Buffer
  readonly traits: ZipTraits
  readonly headerOffset: number
  readonly deflate: DeflatePieces
}

const nothingKnown = { method: deflateMethod, crc: 0, sizeBytes: 0, compressedBytes: 0 }

// Writes a volume's archive front to back. Sizes and checksums stand in the local headers, so that stock can rescue
// entries even where the directory is lost; the 64-bit forms come only where they are needed. Compressing happens here,
// on the thread that calls; encrypting and storing the bytes is the sink's business.
import { crc32 } from 'node:zlib'
import { assert } from '../../base/assert.ts'
import { ByteGather } from './byte-gather.ts'
import { deflatedIfSmaller } from './raw-deflate.ts'
import {
  deflateMethod,
  directoryRecord,
  endRecords,
  localHeader,
  storedMethod,
  type ZipEntry,
} from './zip-records.ts'

/** Of an entry whose deflate data was made elsewhere. */
export interface DeflatedFacts {
  /** CRC-32 of the content. */
  readonly crc: number
  readonly sizeBytes: number
  readonly compressedBytes: number
}

/** What the sink gets at a time. Larger pieces encrypt no faster (measured: 64 KiB to 1 MiB within 10 %). */
const pieceBytes = 256 * 1024

/** The directory is gathered in encoded form: 90 bytes an entry of a dblock, where objects would take 300. */
const directoryPieceBytes = 64 * 1024

export class ZipWriter {
  readonly #out: ByteGather
  readonly #directoryPieces: Buffer[] = []
  readonly #directory = new ByteGather(directoryPieceBytes, (piece) => {
    this.#directoryPieces.push(Buffer.from(piece))
  })
  readonly #names = new Set<string>()
  #finished = false

  /**
   * The sink gets the archive in order, in pieces that are valid only until it returns; what it throws passes through.
   */
  constructor(sink: (bytes: Uint8Array) => void) {
    this.#out = new ByteGather(pieceBytes, sink)
  }

  /**
   * Adds an entry, deflated at `level` 1 to 9 where that makes it smaller, else as it is; level 0 does not try. Names
   * are unique. The content may be reused at once.
   */
  add(name: string, content: Uint8Array, { level }: { readonly level: number }): void {
    const deflated = level === 0 ? undefined : deflatedIfSmaller(content, level)
    const body = deflated ?? content
    this.#begin(name, {
      method: deflated ? deflateMethod : storedMethod,
      crc: crc32(content),
      sizeBytes: content.length,
      compressedBytes: body.length,
      headerOffset: this.#out.addedBytes,
    })
    this.#out.add(body)
  }

  /**
   * Adds an entry from raw deflate data, as `DeflatePieces` makes it; the pieces must have the bytes that `facts`
   * says.
   */
  addDeflated(name: string, facts: DeflatedFacts, pieces: Iterable<Uint8Array>): void {
    const { crc, sizeBytes, compressedBytes } = facts
    const headerOffset = this.#out.addedBytes
    this.#begin(name, { method: deflateMethod, crc, sizeBytes, compressedBytes, headerOffset })
    const start = this.#out.addedBytes
    for (const piece of pieces) this.#out.add(piece)
    assert(this.#out.addedBytes - start === compressedBytes, 'deflate data is as long as it was said to be')
  }

  /** Writes the directory. Nothing can be added after it. */
  finish(): void {
    assert(!this.#finished, 'an archive ends once')
    this.#finished = true
    const offset = this.#out.addedBytes
    const sizeBytes = this.#directory.addedBytes
    this.#directory.flush()
    for (const piece of this.#directoryPieces) this.#out.add(piece)
    this.#out.add(endRecords({ entryCount: this.#names.size, offset, sizeBytes }))
    this.#out.flush()
  }

  #begin(name: string, entry: ZipEntry): void {
    assert(!this.#finished, 'an archive that has ended takes no more entries')
    assert(!this.#names.has(name), `an entry is added once: ${name}`)
    this.#names.add(name)
    this.#out.add(localHeader(name, entry))
    this.#directory.add(directoryRecord(name, entry))
  }
}

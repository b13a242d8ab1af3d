// Deflates a content that is too long for memory, piece by piece and without waiting: each piece is compressed by
// itself and ends on a byte, and the pieces one after the other are one deflate stream (the way of pigz). Starting
// anew costs 0.1 % at this piece size.
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { looksCompressible } from '../compressible.ts'
import { ByteGather } from './byte-gather.ts'
import type { DeflatedFacts } from './zip-writer.ts'

const pieceBytes = 1024 * 1024

export class DeflatePieces {
  readonly #gather: ByteGather
  readonly #sink: (deflated: Buffer) => void
  #crc = 0
  #compressedBytes = 0

  /**
   * Level 0 to 9; what looks random is not tried. The sink gets the raw deflate data in order, in buffers that it may
   * keep.
   */
  constructor(level: number, sink: (deflated: Buffer) => void) {
    this.#sink = sink
    this.#gather = new ByteGather(pieceBytes, (piece) => {
      this.#crc = crc32(piece, this.#crc)
      const chosen = looksCompressible(piece) ? level : 0
      this.#give(deflateRawSync(piece, { level: chosen, finishFlush: constants.Z_SYNC_FLUSH }))
    })
  }

  /** Copies the bytes. */
  add(bytes: Uint8Array): void {
    this.#gather.add(bytes)
  }

  /** Ends the stream, and tells what `ZipWriter.addDeflated` must know. */
  finish(): DeflatedFacts {
    this.#gather.flush()
    // An empty last block: until now each piece said that another follows.
    this.#give(deflateRawSync(Buffer.alloc(0)))
    return { crc: this.#crc, sizeBytes: this.#gather.addedBytes, compressedBytes: this.#compressedBytes }
  }

  #give(deflated: Buffer): void {
    this.#compressedBytes += deflated.length
    this.#sink(deflated)
  }
}

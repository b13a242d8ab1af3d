// A piece of memory that blocks are gathered in on their way to a press thread: one message carries many small blocks,
// and no block is copied twice. A block is written at the tail, and kept or forgotten once its hash is known.
import { assert } from '../../base/assert.ts'
import { tableWidth, traitBlocklist, traitCompress, type PressRequest } from './press-messages.ts'
import type { BlockTraits } from '../volumes/volume-pair-writer.ts'

/** A slab with very many tiny blocks is sent before it is full, so that no message grows without end. */
export const maxSlabBlocks = 4096

export class Slab {
  /** The dblock, by its row in the index, that the blocks of this slab go into. */
  readonly volumeId: number
  readonly #memory: ArrayBuffer
  readonly #bytes: Buffer
  readonly #table: number[] = []
  readonly #hashes: Uint8Array[] = []
  #used = 0

  constructor(memory: ArrayBuffer, volumeId: number) {
    this.#memory = memory
    this.#bytes = Buffer.from(memory)
    this.volumeId = volumeId
  }

  get isEmpty(): boolean {
    return this.#hashes.length === 0
  }

  get blockCount(): number {
    return this.#hashes.length
  }

  get usedBytes(): number {
    return this.#used
  }

  /** True if a block of that many bytes still fits. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= this.#bytes.length && this.#hashes.length < maxSlabBlocks
  }

  /** Memory after the last kept block, to write the next block into. */
  tail(): Buffer {
    return this.#bytes.subarray(this.#used)
  }

  /** Keeps the first `length` bytes of the tail as a block. */
  keep(hash: Uint8Array, length: number, traits: BlockTraits): void {
    assert(this.hasRoom(length), 'a kept block fits into its slab')
    const bits = (traits.compress ? traitCompress : 0) | (traits.isBlocklist ? traitBlocklist : 0)
    this.#table.push(this.#used, length, bits)
    this.#hashes.push(hash)
    this.#used += length
  }

  message(): { readonly request: PressRequest; readonly transfer: ArrayBuffer[] } {
    assert(this.#table.length === this.#hashes.length * tableWidth, 'a row of the table for each block')
    const table = Uint32Array.from(this.#table)
    const hashes = new Uint8Array(Buffer.concat(this.#hashes))
    return { request: { kind: 'blocks', slab: this.#memory, table, hashes }, transfer: [this.#memory] }
  }
}

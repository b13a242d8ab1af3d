// Where the readers of this room get bytes from at any place: a file, a decrypted view of one, or memory. The room
// does no I/O itself; whoever has the bytes implements this.
import { assert } from '../base/assert.ts'

export interface ByteSource {
  readonly sizeBytes: number
  /**
   * Exactly these bytes, which must lie within the source. Synchronous. The result may be a view of what the source
   * holds and is not to be changed. Whatever it throws passes through the readers unchanged.
   */
  read(offset: number, length: number): Buffer
  /** As `read`, into memory that the caller uses again and again: fills all of it. */
  readInto(memory: Buffer, offset: number): void
}

/** Bytes in memory; reads are views. */
export function bytesAsSource(bytes: Buffer): ByteSource {
  return {
    sizeBytes: bytes.length,
    read(offset, length) {
      assert(
        offset >= 0 && length >= 0 && offset + length <= bytes.length,
        'a reader stays within its source',
      )
      return bytes.subarray(offset, offset + length)
    },
    readInto(memory, offset) {
      this.read(offset, memory.length).copy(memory)
    },
  }
}

// The blocks of all dblocks, unpacked into one temporary file, so that contents can be put together in any order while
// memory holds no more than the map from a block's hash to its place.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type StoredBlock = { offset: number; sizeBytes: number; isUsed: boolean }

export class BlockStore {
  /** How often a block was met that is in the store already. */
  duplicates = 0
  bytes = 0
  readonly #blocks = new Map<string, StoredBlock>()
  readonly #folder = mkdtempSync(join(tmpdir(), 'strict-checker-'))
  readonly #file = openSync(join(this.#folder, 'blocks'), 'w+', 0o600)

  get count(): number {
    return this.#blocks.size
  }

  get unused(): number {
    return [...this.#blocks.values()].filter((block) => !block.isUsed).length
  }

  /** Keeps a block under its hash, which the caller has verified. */
  add(hash: string, content: Buffer): void {
    if (this.#blocks.has(hash)) {
      this.duplicates += 1
      return
    }
    this.#blocks.set(hash, { offset: this.bytes, sizeBytes: content.length, isUsed: false })
    for (let done = 0; done < content.length;) {
      done += writeSync(this.#file, content, done, content.length - done, this.bytes + done)
    }
    this.bytes += content.length
  }

  has(hash: string): boolean {
    return this.#blocks.has(hash)
  }

  /** The size of a block that something refers to; undefined if no dblock has it. */
  use(hash: string): number | undefined {
    const block = this.#blocks.get(hash)
    if (block !== undefined) block.isUsed = true
    return block?.sizeBytes
  }

  read(hash: string): Buffer {
    const block = this.#blocks.get(hash)
    if (block === undefined) throw new Error(`block ${hash} was never added`)
    const content = Buffer.allocUnsafe(block.sizeBytes)
    for (let done = 0; done < content.length;) {
      const got = readSync(this.#file, content, done, content.length - done, block.offset + done)
      if (got === 0) throw new Error(`the temporary file of blocks ends before block ${hash}`)
      done += got
    }
    return content
  }

  close(): void {
    closeSync(this.#file)
    rmSync(this.#folder, { recursive: true })
  }
}

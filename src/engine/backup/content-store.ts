// Cuts content into blocks, finds out which of them are new, and puts the new ones into volumes. The engine's thread
// does the cutting and hashing (1.8 GiB/s a core, measured); compressing and encrypting happen behind the press.
import { assert } from '../../base/assert.ts'
import { newSha256, sha256 } from '../../base/hash.ts'
import { cutBlocklists } from '../../format/blocklist.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { Slab } from '../crunch/slab.ts'
import type { VolumePress } from '../crunch/volume-press.ts'
import type { BlockTraits } from '../volumes/volume-pair-writer.ts'
import type { Tally } from './tally.ts'

export interface StoredContent {
  readonly sizeBytes: number
  readonly hash: Buffer
  /** Hashes of the blocklists, one after the other; undefined for a content of less than two blocks. */
  readonly blocklists: Buffer | undefined
}

interface Stores {
  readonly index: Index
  readonly press: VolumePress
  readonly blocksize: number
  readonly tally: Tally
  readonly signal: AbortSignal
}

const plainTraits: BlockTraits = { compress: true, isBlocklist: false }
const blocklistTraits: BlockTraits = { compress: false, isBlocklist: true }

export class ContentStore {
  readonly #stores: Stores

  constructor(stores: Stores) {
    this.#stores = stores
  }

  /** Stores something that is in memory as a whole, such as metadata; its hash may be known already. */
  async storeBytes(bytes: Uint8Array, hash: Buffer = sha256(bytes)): Promise<StoredContent> {
    const { blocksize, index } = this.#stores
    if (bytes.byteLength > blocksize) return this.storeStream(wholeOf(bytes), true)
    if (bytes.byteLength > 0 && !index.blocks.has(hash)) {
      const slab = await this.#slabWithRoom(bytes.byteLength)
      slab.tail().set(bytes)
      this.#keep(slab, hash, { length: bytes.byteLength, traits: plainTraits })
    }
    return { sizeBytes: bytes.byteLength, hash, blocklists: undefined }
  }

  /** Stores a stream of bytes; whatever the stream throws comes out unchanged. */
  async storeStream(chunks: AsyncIterable<Uint8Array>, compress: boolean): Promise<StoredContent> {
    const { blocksize } = this.#stores
    const content = new ContentHashes()
    let slab = await this.#slabWithRoom(1)
    let filled = 0
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.byteLength;) {
        if (filled === blocksize) {
          this.#finishBlock(slab, content, { length: filled, last: false, compress })
          filled = 0
        }
        if (!slab.hasRoom(filled + 1)) slab = await this.#moveBlock(slab, filled)
        const tail = slab.tail()
        const take = Math.min(chunk.byteLength - at, blocksize - filled, tail.length - filled)
        tail.set(chunk.subarray(at, at + take), filled)
        filled += take
        at += take
      }
    }
    if (filled > 0) this.#finishBlock(slab, content, { length: filled, last: true, compress })
    return {
      sizeBytes: content.sizeBytes,
      hash: content.digest(),
      blocklists: await this.#storeBlocklists(content),
    }
  }

  #finishBlock(
    slab: Slab,
    content: ContentHashes,
    block: { length: number; last: boolean; compress: boolean },
  ): void {
    const bytes = slab.tail().subarray(0, block.length)
    const hash = sha256(bytes)
    content.add(bytes, hash, block.last)
    if (this.#stores.index.blocks.has(hash)) return
    this.#keep(slab, hash, { length: block.length, traits: { compress: block.compress, isBlocklist: false } })
  }

  #keep(slab: Slab, hash: Buffer, block: { length: number; traits: BlockTraits }): void {
    const { index, tally } = this.#stores
    slab.keep(hash, block.length, block.traits)
    index.blocks.add(hash, { volumeId: slab.volumeId, sizeBytes: block.length })
    tally.newBlocks += 1
    tally.newBlockBytes += block.length
  }

  async #storeBlocklists(content: ContentHashes): Promise<Buffer | undefined> {
    if (content.blocks.length < 2) return undefined
    const { index, blocksize } = this.#stores
    const names: Buffer[] = []
    for (const list of cutBlocklists(Buffer.concat(content.blocks), blocksize)) {
      const hash = sha256(list)
      names.push(hash)
      index.blocks.addBlocklist(hash, list)
      if (index.blocks.has(hash)) continue
      const slab = await this.#slabWithRoom(list.byteLength)
      slab.tail().set(list)
      this.#keep(slab, hash, { length: list.byteLength, traits: blocklistTraits })
    }
    return Buffer.concat(names)
  }

  async #slabWithRoom(bytes: number): Promise<Slab> {
    const { press, signal } = this.#stores
    if (press.slab?.hasRoom(bytes)) return press.slab
    return press.nextSlab(signal)
  }

  /** The slab is full in the middle of a block: its beginning moves to the next slab. */
  async #moveBlock(slab: Slab, filled: number): Promise<Slab> {
    const { press, signal } = this.#stores
    const begun = Buffer.from(slab.tail().subarray(0, filled))
    const next = await press.nextSlab(signal)
    next.tail().set(begun)
    return next
  }
}

/** The hashes of one content while it is read. A content of one block has that block's hash: it is hashed once. */
class ContentHashes {
  readonly blocks: Buffer[] = []
  sizeBytes = 0
  /** Made when it is needed: most files have one block. */
  #whole: ReturnType<typeof newSha256> | undefined

  add(block: Uint8Array, hash: Buffer, last: boolean): void {
    const only = last && this.blocks.length === 0
    if (!only) {
      this.#whole ??= newSha256()
      this.#whole.update(block)
    }
    this.blocks.push(hash)
    this.sizeBytes += block.byteLength
  }

  digest(): Buffer {
    const [first] = this.blocks
    if (this.blocks.length === 1) {
      assert(first, 'one block has one hash')
      return first
    }
    return (this.#whole ?? newSha256()).digest()
  }
}

async function* wholeOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

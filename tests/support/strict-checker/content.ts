// Follows the content of a file or a metadata blob from the file list down to its blocks: how many blocklists there
// must be, what each must hold, that every block exists with the right size, and that all of it together has the hash
// stated.
import { createHash } from 'node:crypto'
import type { BlockStore } from './block-store.ts'
import { Unreadable, type Place } from './findings.ts'
import { EMPTY_HASH, HASH_BYTES } from './hashes.ts'

export type StatedContent = {
  hash: string
  sizeBytes: number
  blocklists: readonly string[]
}

type Piece = { hash: string; sizeBytes: number }

/** Checks contents against the blocks of the folder; a content that many entries share is read once. */
export class ContentChecker {
  readonly #store: BlockStore
  readonly #indexedBlocklists: ReadonlySet<string>
  readonly #blocksize: number
  readonly #sound = new Set<string>()

  constructor(options: { store: BlockStore; indexedBlocklists: ReadonlySet<string>; blocksize: number }) {
    this.#store = options.store
    this.#indexedBlocklists = options.indexedBlocklists
    this.#blocksize = options.blocksize
  }

  /** Verifies the content to the last byte without holding it. */
  check(content: StatedContent, place: Place): void {
    const key = `${content.hash} ${content.sizeBytes} ${content.blocklists.join(' ')}`
    if (this.#sound.has(key)) return
    const isSound = place.attempt('broken', () => {
      const pieces = this.#piecesOf(content, place)
      // The name of a single block is its hash, verified when it was stored.
      if (content.blocklists.length > 0) this.#expectHash(pieces, content.hash)
      return true
    })
    if (isSound === true) this.#sound.add(key)
  }

  /** The verified bytes of a small content, undefined if something is wrong with it. */
  read(content: StatedContent, place: Place): Buffer | undefined {
    return place.attempt('broken', () => {
      const pieces = this.#piecesOf(content, place)
      if (content.blocklists.length > 0) this.#expectHash(pieces, content.hash)
      return Buffer.concat(pieces.map((piece) => this.#store.read(piece.hash)))
    })
  }

  #piecesOf(content: StatedContent, place: Place): Piece[] {
    const { hash, sizeBytes, blocklists } = content
    const perList = Math.floor(this.#blocksize / HASH_BYTES)
    const blocks = Math.ceil(sizeBytes / this.#blocksize)
    const expectedLists = blocks < 2 ? 0 : Math.ceil(blocks / perList)
    if (blocklists.length !== expectedLists) {
      throw new Unreadable(`${sizeBytes} bytes need ${expectedLists} blocklists, found ${blocklists.length}`)
    }
    if (sizeBytes === 0 && hash !== EMPTY_HASH) {
      throw new Unreadable(`hash of no bytes expected ${EMPTY_HASH}, found ${hash}`)
    }
    const hashes =
      blocks < 2
        ? [hash].slice(0, blocks)
        : blocklists.flatMap((list, index) =>
            this.#hashesOf(list, Math.min(perList, blocks - index * perList), place),
          )
    return hashes.map((name, index) => this.#piece(name, this.#sizeOfBlock(index, sizeBytes)))
  }

  #sizeOfBlock(index: number, contentBytes: number): number {
    return Math.min(this.#blocksize, contentBytes - index * this.#blocksize)
  }

  #piece(hash: string, expectedBytes: number): Piece {
    const sizeBytes = this.#store.use(hash)
    if (sizeBytes === undefined) throw new Unreadable(`block ${hash} is in no dblock`)
    if (sizeBytes !== expectedBytes) {
      throw new Unreadable(`block ${hash} expected with ${expectedBytes} bytes, found with ${sizeBytes}`)
    }
    return { hash, sizeBytes }
  }

  #hashesOf(blocklist: string, count: number, place: Place): string[] {
    if (this.#store.use(blocklist) === undefined)
      throw new Unreadable(`blocklist ${blocklist} is in no dblock`)
    if (!this.#indexedBlocklists.has(blocklist)) {
      place.unlike(`blocklist ${blocklist} is in no list/ entry of a dindex`)
    }
    const bytes = this.#store.read(blocklist)
    if (bytes.length !== count * HASH_BYTES) {
      throw new Unreadable(
        `blocklist ${blocklist} expected with ${count} hashes, found with ${bytes.length} bytes`,
      )
    }
    return Array.from({ length: count }, (_, index) =>
      bytes.toString('base64', index * HASH_BYTES, (index + 1) * HASH_BYTES),
    )
  }

  #expectHash(pieces: readonly Piece[], expected: string): void {
    const digest = createHash('sha256')
    for (const piece of pieces) digest.update(this.#store.read(piece.hash))
    const found = digest.digest('base64')
    if (found !== expected)
      throw new Unreadable(`SHA-256 over all blocks expected ${expected}, found ${found}`)
  }
}

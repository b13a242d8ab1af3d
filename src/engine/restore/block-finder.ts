// Which blocks a content is made of, in order, and which volume each is to be taken from. A content may be larger than
// memory can hold hashes for, so they come one blocklist at a time.
import { PullbackError } from '../../base/errors.ts'
import { hashesIn } from '../../base/hash.ts'
import { blockCount } from '../../format/blocklist.ts'
import { findBlocklist, loadDblocks, type Loading } from '../rebuild/load-dindex.ts'

/** What a file list says of a content. */
export interface ContentFacts {
  readonly hash: Buffer | undefined
  readonly sizeBytes: number
  /** Hashes of the blocklists, one after the other; undefined for a content of one block. */
  readonly blocklists: Buffer | undefined
}

export interface NeededBlock {
  readonly hash: Buffer
  /** As long as it must be at its place. */
  readonly sizeBytes: number
}

export class BlockFinder {
  readonly #loading: Loading
  readonly #blocksize: number
  #sawDblocks = false

  constructor(loading: Loading, blocksize: number) {
    this.#loading = loading
    this.#blocksize = blocksize
  }

  /** The blocks of a content. `BlockMissing` where a list of them is not to be had or not as long as it must be. */
  async *blocksOf({ hash, sizeBytes, blocklists }: ContentFacts): AsyncGenerator<NeededBlock> {
    if (sizeBytes === 0 || !hash) return
    if (!blocklists) {
      if (sizeBytes > this.#blocksize) throw missing('the list of its blocks')
      yield { hash, sizeBytes }
      return
    }
    const count = blockCount(sizeBytes, this.#blocksize)
    let at = 0
    for (const name of hashesIn(blocklists)) {
      const list = await this.blocklist(name)
      if (!list) throw missing('a list of its blocks')
      for (const block of hashesIn(list)) {
        at += 1
        const isLast = at === count
        yield { hash: block, sizeBytes: isLast ? sizeBytes - (count - 1) * this.#blocksize : this.#blocksize }
      }
    }
    if (at !== count) throw missing('a part of the list of its blocks')
  }

  /** Ids of the volumes that have the block; every dblock is looked into, once, before none is answered. */
  async volumesOf(hash: Buffer): Promise<number[]> {
    const { blocks } = this.#loading.index
    const places = blocks.places(hash)
    if (places.length > 0 || !(await this.lookEverywhere())) return places.map((place) => place.volumeId)
    return blocks.places(hash).map((place) => place.volumeId)
  }

  /** Makes every block known that is in any volume, whatever the dindexes say. False if that was done before. */
  async lookEverywhere(): Promise<boolean> {
    if (this.#sawDblocks) return false
    await loadDblocks(this.#loading, this.#loading.listing.dblocks.values())
    this.#sawDblocks = true
    return true
  }

  /** The hashes that a blocklist holds; undefined if it is in no volume, whatever the dindexes say. */
  async blocklist(name: Buffer): Promise<Buffer | undefined> {
    const list = await findBlocklist(this.#loading, name)
    if (list) return list
    await this.lookEverywhere()
    return findBlocklist(this.#loading, name)
  }
}

function missing(what: string): PullbackError {
  return new PullbackError('BlockMissing', { what: `${what} is in no volume of the backup` })
}

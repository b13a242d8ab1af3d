// Works out which blocks an entry needs and which volume each is taken from, and writes that down in the plan.
import { PullbackError } from '../../base/errors.ts'
import { hashesIn } from '../../base/hash.ts'
import { blockCount, hashesPerBlocklist } from '../../format/blocklist.ts'
import type { Part, RestoreItem, RestorePlan } from '../../index-db/restore-plan.ts'
import { BlockFinder } from './block-finder.ts'
import type { ItemPieces } from './pieces-left.ts'
import type { SharedMetadata } from './shared-metadata.ts'
import { findBlocklist, type Loading } from '../rebuild/load-dindex.ts'

interface NeededBlock {
  readonly hash: Buffer
  readonly part: Part
  readonly at: number
}

export interface PlanOptions {
  readonly content: boolean
  /** Content blocks that are in no volume are told of by their places, and do not stop the rest. */
  readonly onLost?: ((at: number) => void) | undefined
  /** Takes metadata that lies in another volume than the content. */
  readonly shared?: SharedMetadata | undefined
  /** Has those blocks of the content that need not be fetched. */
  readonly atHand?: { readonly has: (at: number, hash: Buffer) => boolean } | undefined
}

export class PiecePlanner {
  readonly #loading: Loading
  readonly #plan: RestorePlan
  readonly #blocksize: number
  readonly #finder: BlockFinder

  constructor(loading: Loading, plan: RestorePlan, blocksize: number) {
    this.#loading = loading
    this.#plan = plan
    this.#blocksize = blocksize
    this.#finder = new BlockFinder(loading, blocksize)
  }

  /**
   * Plans an entry's metadata and, if wanted, its content. `BlockMissing` if one of the content's blocks is nowhere to
   * be found. Metadata that cannot be had never stops the content.
   */
  async planItem(item: RestoreItem, options: PlanOptions): Promise<ItemPieces> {
    const metadata = await this.#blocksOf(item.metaHash, item.metaSizeBytes, item.metaBlocklists)
    const content = options.content ? await this.#contentOf(item, options) : []
    if (!content) throw missing(item, 'a list of its blocks')
    const sharesMetadata = await this.#shareMetadata(metadata, content[0], options)
    const own = sharesMetadata ? [] : (metadata ?? [])
    const wanted: NeededBlock[] = own.map((hash, at) => ({ hash, at, part: 'metadata' }))
    for (const [at, hash] of content.entries()) {
      if (!hash) options.onLost?.(at)
      else if (!options.atHand?.has(at, hash)) wanted.push({ hash, at, part: 'content' })
    }
    let pieces = 0
    for (const block of wanted) {
      const volumeId = await this.#volumeOf(block.hash)
      if (volumeId === undefined && block.part === 'metadata') continue
      if (volumeId === undefined && options.onLost) {
        options.onLost(block.at)
        continue
      }
      if (volumeId === undefined) throw missing(item, `block ${block.hash.toString('base64')}`)
      this.#plan.addPiece(volumeId, { ...block, itemId: item.id })
      pieces += 1
    }
    return { pieces, sharesMetadata }
  }

  /** True for metadata of one block that lies elsewhere than the beginning of the content: it is planned by itself. */
  async #shareMetadata(
    metadata: readonly Buffer[] | undefined,
    content: Buffer | undefined,
    { shared, atHand }: PlanOptions,
  ): Promise<boolean> {
    const [hash, another] = metadata ?? []
    if (!shared || !hash || another || !content || atHand) return false
    const volumeId = await this.#volumeOf(hash)
    if (volumeId === undefined || volumeId === (await this.#volumeOf(content))) return false
    shared.plan(hash, volumeId)
    return true
  }

  /** The hashes of a file's blocks; undefined ones, where that may be, are those of lists that are lost. */
  async #contentOf(
    { hash, sizeBytes, blocklists }: RestoreItem,
    { onLost }: PlanOptions,
  ): Promise<(Buffer | undefined)[] | undefined> {
    const blocks = await this.#blocksOf(hash, sizeBytes, blocklists)
    if (blocks || !onLost || !blocklists) return blocks
    const count = blockCount(sizeBytes, this.#blocksize)
    const known: (Buffer | undefined)[] = []
    for (const name of hashesIn(blocklists)) {
      const list = await findBlocklist(this.#loading, name)
      const hashes = list ? hashesIn(list) : []
      const length = Math.min(hashesPerBlocklist(this.#blocksize), count - known.length)
      for (let at = 0; at < length; at += 1) known.push(hashes[at])
    }
    return known
  }

  /** Hashes of a content's blocks in order; undefined when a blocklist is missing or not as long as it must be. */
  async #blocksOf(
    hash: Buffer | undefined,
    sizeBytes: number,
    blocklists: Buffer | undefined,
  ): Promise<Buffer[] | undefined> {
    if (sizeBytes === 0 || !hash) return []
    if (!blocklists) return sizeBytes <= this.#blocksize ? [hash] : undefined
    const blocks: Buffer[] = []
    for (const name of hashesIn(blocklists)) {
      const list = await this.#finder.blocklist(name)
      if (!list) return undefined
      for (const block of hashesIn(list)) blocks.push(block)
    }
    return blocks.length === blockCount(sizeBytes, this.#blocksize) ? blocks : undefined
  }

  async #volumeOf(hash: Buffer): Promise<number | undefined> {
    const [volumeId] = await this.#finder.volumesOf(hash)
    return volumeId
  }

  /** Makes every block known that is in any volume, whatever the dindexes say. */
  async lookEverywhere(): Promise<void> {
    await this.#finder.lookEverywhere()
  }
}

function missing(item: RestoreItem, what: string): PullbackError {
  return new PullbackError('BlockMissing', {
    what: `${item.path} cannot be restored: ${what} is in no volume of the backup`,
    subject: item.path,
  })
}

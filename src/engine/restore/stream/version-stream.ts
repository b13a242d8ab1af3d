// The entries of a version one after the other, each with its content in order: what a way out needs that cannot jump
// about as a restore into a folder does. Every block is checked before it is handed out, every file as a whole at its
// end. Each volume is fetched once as a rule, and memory does not grow with files or volumes.
import { assert } from '../../../base/assert.ts'
import { isPullbackError, PullbackError } from '../../../base/errors.ts'
import { newSha256 } from '../../../base/hash.ts'
import { unknownTime, type DlistEntry } from '../../../format/dlist/dlist-entry.ts'
import { readMetadata, type Metadata } from '../../../format/metadata.ts'
import { RestorePlan, type RestoreItem } from '../../../index-db/restore-plan.ts'
import { Litter } from '../../../base/litter.ts'
import { costsOneVolume, loadBlocks, type Loading } from '../../rebuild/load-dindex.ts'
import { anyPattern } from '../../select/path-pattern.ts'
import { withVolume } from '../../volumes/fetch-volume.ts'
import { isFullVersion, readFileList } from '../../volumes/read-file-list.ts'
import { BlockFinder, type ContentFacts, type NeededBlock } from '../block-finder.ts'
import type { OpenedVersion } from './open-version.ts'
import { VolumeShelf } from './volume-shelf.ts'

export interface StreamedEntry {
  readonly item: RestoreItem
  readonly metadata: Metadata
  /**
   * Of a file, to be read once, to its end, and before the next entry is asked for; a chunk is one block. Fails with
   * an error of the kind `integrity` as soon as a block cannot be had as it was, or at the end if the whole is wrong.
   */
  readonly content: () => AsyncGenerator<Buffer>
}

export interface Choice {
  /** Entries for which it says no are left out. */
  readonly wants?: (item: RestoreItem) => boolean
  /** Who asks for content alone is spared the fetching of the rest. */
  readonly withoutMetadata?: boolean
}

export interface StreamListener {
  /** Told of damage that was worked around, and of metadata that was lost. */
  readonly warn: (sentence: string) => void
  /** An entry that will not come, and why. */
  readonly fail: (item: RestoreItem, error: PullbackError) => void
}

interface Ready {
  readonly finder: BlockFinder
  readonly shelf: VolumeShelf
  readonly withoutMetadata: boolean
}

const kindOf = { File: 'file', Folder: 'folder', Symlink: 'link' } as const
const noMetadata = readMetadata(Buffer.from('{}'))
/** Some blocks of the largest size. */
const litterBytes = 32 << 20

export class VersionStream {
  /** Everything that matched. */
  readonly plan: RestorePlan
  readonly #version: OpenedVersion
  readonly #listener: StreamListener
  readonly #litter = new Litter(litterBytes)
  readonly #leftOut = new Set<number>()
  readonly #told = new Set<string>()
  #blocksize = 0
  #ready: Ready | undefined

  constructor(version: OpenedVersion, listener: StreamListener) {
    this.#version = version
    this.#listener = listener
    this.plan = new RestorePlan(version.index.database)
  }

  /**
   * Reads the list; every entry that one of the patterns names goes into the plan. Returns whether the version is full.
   * `NothingMatches` if no entry is named.
   */
  async readList(patterns: readonly string[]): Promise<boolean> {
    const wanted = anyPattern(patterns)
    let count = 0
    const { fetching, dlist } = this.#version
    const { progress } = fetching
    progress.phase = 'reading the file list'
    return withVolume(fetching, dlist, async (open) => {
      this.#blocksize = open.manifest.blocksize
      for await (const batch of readFileList(open)) {
        for (const entry of batch) {
          if (!wanted(entry.path)) continue
          this.plan.addItem(itemOf(entry))
          count += 1
          progress.filesFound += 1
          progress.bytesFound += entry.sizeBytes
        }
      }
      if (count === 0 && patterns.length > 0) {
        const what = `nothing in this version matches ${patterns.join(' ')}`
        throw new PullbackError('NothingMatches', { what })
      }
      progress.allFound = true
      return isFullVersion(open)
    })
  }

  /**
   * Works out where every block of the plan is. A file without one of its blocks is left out and told of as failed.
   */
  async prepare(choice: Choice = {}): Promise<void> {
    const { wants = () => true, withoutMetadata = false } = choice
    const { listing, index, fetching } = this.#version
    fetching.progress.phase = 'planning'
    const warn = (error: PullbackError): void => this.#warn(error.what)
    const loading: Loading = { fetching, listing, index, warn, purpose: 'restore' }
    await loadBlocks(loading)
    const finder = new BlockFinder(loading, this.#blocksize)
    const shelf = new VolumeShelf({ volumes: index.volumes, fetching })
    this.#ready = { finder, shelf, withoutMetadata }
    for (const item of this.#inOrder()) {
      if (!wants(item)) {
        this.#leftOut.add(item.id)
        continue
      }
      try {
        const volumes = await this.#volumesOf(item)
        for (const [volumeId, blocks] of volumes) shelf.announce(volumeId, blocks)
      } catch (error) {
        if (!isPullbackError(error, 'BlockMissing')) throw error
        this.#leftOut.add(item.id)
        this.#listener.fail(item, naming(item, error))
      }
    }
  }

  /** Files and folders as the list has them, then links: whoever writes as they come never writes through a link. */
  async *entries(): AsyncGenerator<StreamedEntry> {
    for (const item of this.#inOrder()) {
      if (this.#leftOut.has(item.id)) continue
      const metadata = await this.#metadata(item)
      yield { item, metadata, content: () => this.#content(item) }
    }
  }

  async close(): Promise<void> {
    await this.#ready?.shelf.close()
  }

  *#inOrder(): Generator<RestoreItem> {
    for (const item of this.plan.items()) if (item.kind !== 'link') yield item
    for (const item of this.plan.items()) if (item.kind === 'link') yield item
  }

  /** How many blocks of the entry each volume will be asked for, in the order in which they are needed. */
  async #volumesOf(item: RestoreItem): Promise<Map<number, number>> {
    const { finder, withoutMetadata } = this.#prepared
    const volumes = new Map<number, number>()
    const add = async (facts: ContentFacts, isNeeded: boolean): Promise<void> => {
      for await (const block of finder.blocksOf(facts)) {
        const [volumeId] = await finder.volumesOf(block.hash)
        if (volumeId !== undefined) volumes.set(volumeId, (volumes.get(volumeId) ?? 0) + 1)
        else if (isNeeded) throw nowhere(block)
      }
    }
    try {
      if (!withoutMetadata) await add(metadataFacts(item), false)
    } catch (error) {
      if (!isPullbackError(error, 'BlockMissing')) throw error
    }
    if (item.kind === 'file') await add(item, true)
    return volumes
  }

  async #metadata(item: RestoreItem): Promise<Metadata> {
    if (this.#prepared.withoutMetadata) return noMetadata
    const pieces: Buffer[] = []
    try {
      for await (const piece of this.#blocks(metadataFacts(item))) pieces.push(piece)
      return pieces.length === 0 ? noMetadata : readMetadata(Buffer.concat(pieces))
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'integrity') throw error
      this.#warn(`${item.path}: its metadata could not be read: ${error.what}`)
      return noMetadata
    }
  }

  async *#content(item: RestoreItem): AsyncGenerator<Buffer> {
    const hash = newSha256()
    try {
      for await (const block of this.#blocks(item)) {
        if (item.blocklists) hash.update(block)
        yield block
        this.#version.fetching.progress.bytesMoved += block.length
        this.#litter.drop(block.length)
      }
    } catch (error) {
      throw isPullbackError(error) && error.kind === 'integrity' ? naming(item, error) : error
    }
    if (!item.blocklists || item.hash?.equals(hash.digest())) return
    throw new PullbackError('FileDamaged', {
      what: `${item.path} is not what was backed up: its hash differs`,
      subject: item.path,
    })
  }

  async *#blocks(facts: ContentFacts): AsyncGenerator<Buffer> {
    const { finder, shelf } = this.#prepared
    for await (const block of finder.blocksOf(facts)) {
      const volumes = await finder.volumesOf(block.hash)
      const bytes = await this.#block(block, volumes)
      const [announced] = volumes
      if (announced !== undefined) shelf.done(announced)
      if (bytes.length !== block.sizeBytes) {
        const what = `a block has ${bytes.length} bytes where ${block.sizeBytes} are right`
        throw new PullbackError('FileDamaged', { what })
      }
      yield bytes
    }
  }

  /** From the first volume that has it as it should be; at last from those of which no dindex says so. */
  async #block(block: NeededBlock, volumes: readonly number[]): Promise<Buffer> {
    const { finder, shelf } = this.#prepared
    let trouble: PullbackError | undefined
    for (const volumeId of volumes) {
      try {
        return await shelf.block(volumeId, block.hash)
      } catch (error) {
        if (!isPullbackError(error) || !saysNothingOfOthers(error)) throw error
        this.#warn(error.what)
        trouble = error
      }
    }
    // A dindex promised a block that its sound dblock does not have.
    if (trouble?.code === 'BlockMissing' && (await finder.lookEverywhere())) {
      const others = await finder.volumesOf(block.hash)
      return this.#block(
        block,
        others.filter((id) => !volumes.includes(id)),
      )
    }
    throw trouble ? lost(trouble) : nowhere(block)
  }

  get #prepared(): Ready {
    assert(this.#ready, 'a stream is prepared before it is read')
    return this.#ready
  }

  /** Damage of one volume touches many blocks and is told once. */
  #warn(sentence: string): void {
    if (this.#told.has(sentence)) return
    this.#told.add(sentence)
    this.#listener.warn(sentence)
  }
}

function itemOf(entry: DlistEntry): Omit<RestoreItem, 'id'> {
  const { kind, modifiedSeconds, ...rest } = entry
  return {
    ...rest,
    kind: kindOf[kind],
    modifiedSeconds: modifiedSeconds === unknownTime ? undefined : modifiedSeconds,
  }
}

function metadataFacts(item: RestoreItem): ContentFacts {
  return { hash: item.metaHash, sizeBytes: item.metaSizeBytes, blocklists: item.metaBlocklists }
}

function saysNothingOfOthers(error: PullbackError): boolean {
  return error.kind === 'integrity' || costsOneVolume(error, { purpose: 'restore' })
}

function naming(item: RestoreItem, error: PullbackError): PullbackError {
  return new PullbackError(error.code, {
    what: `${item.path} cannot be read: ${error.what}`,
    subject: item.path,
    cause: error,
  })
}

/** Whatever kept the volumes away: the block is not to be had. */
function lost(trouble: PullbackError): PullbackError {
  if (trouble.kind === 'integrity') return trouble
  return new PullbackError('BlockMissing', { what: trouble.what, cause: trouble })
}

function nowhere({ hash }: NeededBlock): PullbackError {
  return new PullbackError('BlockMissing', {
    what: `block ${hash.toString('base64')} is in no volume of the backup`,
  })
}

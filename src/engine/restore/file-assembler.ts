// Puts the blocks of files together as they come from the volumes, in whatever order, and finishes each file when its
// last piece is there. Keeps the metadata of folders and links in the plan until their turn comes.
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { assert } from '../../base/assert.ts'
import { unpackError } from '../../base/error-transfer.ts'
import { isPullbackError, PullbackError, systemCode } from '../../base/errors.ts'
import { blockCount } from '../../format/blocklist.ts'
import type { Part, Piece, RestoreItem, RestorePlan, SharedBlock } from '../../index-db/restore-plan.ts'
import { applyToHandle, type MetadataPolicy } from './apply-metadata.ts'
import {
  fileDamaged,
  giveName,
  hashFile,
  isFullDisk,
  removeQuietly,
  targetFull,
  targetTrouble,
  writeBlock,
  type FilePlace,
} from './placed-file.ts'
import { lostRanges, type LostRange } from './lost-ranges.ts'
import type { ItemPieces } from './pieces-left.ts'
import { hasMetadata, noMetadata, readableMetadata, wholeMetadata } from './readable-metadata.ts'
import type { SharedMetadata } from './shared-metadata.ts'
import { folderKey, type TargetTree } from './target-tree.ts'
import { temporaryName } from './temporary-name.ts'
import type { WholeFile, WholeFileOutcome } from './whole-files.ts'

export interface PlannedFile {
  readonly item: RestoreItem
  readonly place: FilePlace
  /** An existing file may be replaced. */
  readonly replace: boolean
  /** What is on its way. */
  readonly pieces: ItemPieces
}

export interface AssemblerOptions {
  readonly plan: RestorePlan
  readonly shared: SharedMetadata
  readonly tree: TargetTree
  readonly blocksize: number
  readonly policy: Omit<MetadataPolicy, 'warn'>
  /** Makes this run's temporary names its own. */
  readonly token: string
  /** Finds the file of an item again, with its pieces counted anew. */
  readonly fileOf: (itemId: number) => PlannedFile | undefined
  /** Blocks of files that are lost leave zeros, and the file gets another name; undefined: such a file fails. */
  readonly damaged: DamagedFiles | undefined
  readonly onFile: (file: PlannedFile) => void
  readonly onFailure: (item: RestoreItem, error: PullbackError) => void
  readonly warn: (path: string, reason: string) => void
}

export interface DamagedFiles {
  /** A place that nothing has. */
  readonly placeOf: (item: RestoreItem) => FilePlace
  readonly onFile: (file: PlannedFile, as: Buffer, lost: readonly LostRange[]) => void
}

interface Work {
  file: PlannedFile
  /** Places of content blocks that are lost. */
  readonly lost: number[]
  error: PullbackError | undefined
  left: number
  begun: boolean
  metadata: Buffer[]
}

export class FileAssembler {
  readonly #options: AssemblerOptions
  readonly #work = new Map<number, Work>()
  readonly #failed = new Set<number>()

  constructor(options: AssemblerOptions) {
    this.#options = options
  }

  /** A block for an item, its hash checked. */
  take(piece: Piece, bytes: Buffer): void {
    const work = this.#workOf(piece.itemId)
    if (!work) return
    work.left -= 1
    this.#guard(work, () => {
      if (piece.part === 'metadata') work.metadata[piece.at] = Buffer.from(bytes)
      else this.#write(work, bytes, piece.at)
      if (work.left === 0) this.#finish(work)
    })
  }

  /** Some blocks of the file are in its temporary file already. */
  begin(itemId: number): void {
    const work = this.#workOf(itemId)
    if (work) work.begun = true
  }

  /** A file that waits for no piece: it is empty, or all of it is there; and nothing is known of it. */
  makeOfNothing(itemId: number): void {
    const work = this.#workOf(itemId)
    if (work) this.#guard(work, () => this.#finish(work))
  }

  /** A content block that was found to be in no volume before the file was planned. */
  lose(itemId: number, at: number): void {
    const work = this.#workOf(itemId)
    if (!work) return
    const { path } = work.file.item
    const what = `${path} cannot be restored as it was: blocks of it are in no volume of the backup`
    work.error ??= new PullbackError('BlockMissing', { what, subject: path })
    work.lost.push(at)
  }

  /** The pieces of an item are counted: what was said of it before does not begin its work. */
  expect(itemId: number, pieces: ItemPieces): void {
    const work = this.#work.get(itemId)
    if (!work) return
    work.file = { ...work.file, pieces }
    work.left = pieces.pieces
  }

  /** A block that is not to be had. Without a content block the file fails; metadata is only missed. */
  miss(piece: Piece, error: PullbackError): void {
    const work = this.#workOf(piece.itemId)
    if (!work) return
    if (piece.part === 'content' && !this.#options.damaged) {
      this.#fail(work, error)
      return
    }
    if (piece.part === 'content') {
      work.error ??= error
      work.lost.push(piece.at)
    } else this.#options.warn(work.file.item.path, `its metadata could not be read: ${error.what}`)
    work.left -= 1
    if (work.left === 0) this.#guard(work, () => this.#finish(work))
  }

  /**
   * The file of an item as an unpack thread can write it by itself; undefined if it takes more than these pieces of one
   * volume. Its folder is made.
   */
  wholeFile(itemId: number, pieces: readonly Piece[]): WholeFile | undefined {
    const work = this.#workOf(itemId)
    if (!work || work.begun || work.lost.length > 0) return undefined
    const { item, place, replace } = work.file
    if (item.blocklists || item.metaBlocklists) return undefined
    const shared = this.#sharedOf(work)
    if (shared === 'lost') return undefined
    const isComplete = work.left === pieces.length && shared !== undefined
    if (!isComplete && pieces.every((piece) => piece.part === 'metadata')) return undefined
    const hashOf = (part: Part): string | undefined =>
      pieces.find((piece) => piece.part === part)?.hash.toString('latin1')
    const known = Buffer.isBuffer(shared) ? shared : work.metadata[0]
    const metadataHash = hashOf('metadata')
    // It is lost, which is told where files are put together.
    if (isComplete && hasMetadata(item) && !known && metadataHash === undefined) return undefined
    const { tree } = this.#options
    const folder = this.#madeFolder(work)
    if (folder === undefined) return undefined
    // Whoever stops before the answer comes finds it to be removed.
    work.begun = !isComplete
    return {
      path: item.path,
      folder,
      name: place.name.toString('latin1'),
      temporaryName: this.#temporaryName(item),
      sizeBytes: item.sizeBytes,
      hash: hashOf('content'),
      metadata: known?.toString('latin1'),
      metadataHash,
      modifiedSeconds: item.modifiedSeconds,
      isComplete,
      replace: replace || tree.isFree(place.folder, place.name),
    }
  }

  /** What became of a file that a thread wrote; a `blockless` one waits for its pieces as before. */
  settle(itemId: number, outcome: WholeFileOutcome): void {
    const work = this.#workOf(itemId)
    if (!work || outcome === 'blockless') return
    if (outcome === 'written') {
      work.left -= 1
      if (work.left === 0) this.#guard(work, () => this.#finish(work))
      return
    }
    if (outcome === 'made') {
      this.#work.delete(itemId)
      this.#options.onFile(work.file)
      return
    }
    const error = unpackError(outcome.error)
    if (!isPullbackError(error)) throw error
    this.#fail(work, error)
    if (outcome.isFull) throw targetFull(error)
  }

  /** Every volume has come: a file that waited for metadata has it now, or never will. */
  finishWaiting(itemId: number): void {
    const work = this.#workOf(itemId)
    if (!work) return
    assert(this.#sharedOf(work) !== undefined, 'metadata that is shared has come, or is lost')
    work.left = 0
    work.begun = true
    this.#guard(work, () => this.#finish(work))
  }

  /** Removes what is unfinished. */
  discard(): void {
    for (const work of this.#work.values()) this.#removeTemporary(work)
    this.#work.clear()
    try {
      for (const itemId of this.#options.plan.waiting()) this.#discardWaiting(itemId)
    } catch (error) {
      // A plan that cannot be read has ended the restore; what it leaves is found by the next.
      if (!isPullbackError(error) || error.kind !== 'index') throw error
    }
  }

  #discardWaiting(itemId: number): void {
    const work = this.#workOf(itemId)
    if (!work) return
    work.begun = true
    this.#removeTemporary(work)
    this.#work.delete(itemId)
  }

  #workOf(itemId: number): Work | undefined {
    const known = this.#work.get(itemId)
    if (known || this.#failed.has(itemId)) return known
    const file = this.#options.fileOf(itemId)
    if (!file) return undefined
    const work: Work = {
      file,
      left: file.pieces.pieces,
      begun: false,
      metadata: [],
      lost: [],
      error: undefined,
    }
    this.#work.set(itemId, work)
    return work
  }

  /** The name of the file's folder, which is there now; undefined if it cannot be, and the file has failed. */
  #madeFolder(work: Work): string | undefined {
    const { place } = work.file
    let folder: string | undefined
    this.#guard(work, () => {
      this.#options.tree.make(place.folder)
      folder = folderKey(place.folder)
    })
    return folder
  }

  #write(work: Work, bytes: Buffer, at: number): void {
    work.begun = true
    writeBlock(this.#temporary(work), bytes, at * this.#options.blocksize)
  }

  /** Of a file that shares its metadata: undefined as long as that has not come. */
  #sharedOf({ file: { item, pieces } }: Work): SharedBlock | 'none' | undefined {
    if (!pieces.sharesMetadata || !item.metaHash) return 'none'
    return this.#options.shared.of(item.metaHash)
  }

  /** In the plan, not in memory: every file of a backup may wait for the same block. */
  #wait(work: Work): void {
    const { id } = work.file.item
    this.#options.plan.addWaiting(id)
    // What is lost of a file is known here alone.
    if (work.lost.length === 0) this.#work.delete(id)
  }

  #finish(work: Work): void {
    const { item } = work.file
    if (this.#sharedOf(work) === undefined) {
      this.#wait(work)
      return
    }
    const temporary = this.#temporary(work)
    if (!work.begun) writeBlock(temporary, Buffer.alloc(0), 0)
    work.begun = true
    const isDamaged = work.lost.length > 0
    // Nothing but zeros is nothing to come back.
    if (work.error && work.lost.length >= blockCount(item.sizeBytes, this.#options.blocksize))
      throw work.error
    if (isDamaged) this.#leaveZeros(work)
    else if (item.blocklists) {
      const { hash, sizeBytes } = hashFile(temporary)
      if (sizeBytes !== item.sizeBytes || !item.hash?.equals(hash)) throw fileDamaged(item.path)
    }
    const handle = openSync(temporary, constants.O_WRONLY | constants.O_NOFOLLOW)
    try {
      if (fstatSync(handle).size !== item.sizeBytes) throw fileDamaged(item.path)
      this.#applyMetadata(work, handle)
    } finally {
      closeSync(handle)
    }
    if (isDamaged) this.#nameDamaged(work)
    else this.#name(work)
  }

  /** Also over what a temporary file that is gone on with may have there. */
  #leaveZeros({ file, lost }: Work): void {
    const { blocksize, tree } = this.#options
    const { item, place } = file
    const temporary = tree.at(place.folder, Buffer.from(this.#temporaryName(item)))
    for (const { offsetBytes, lengthBytes } of lostRanges(lost, { blocksize, sizeBytes: item.sizeBytes })) {
      for (let done = 0; done < lengthBytes; done += blocksize) {
        const zeros = Buffer.alloc(Math.min(blocksize, lengthBytes - done))
        writeBlock(temporary, zeros, offsetBytes + done)
      }
    }
  }

  /** It never takes the name of the whole file, nor that of any other. */
  #nameDamaged(work: Work): void {
    const { file, lost, error } = work
    const { damaged, tree, blocksize, onFailure } = this.#options
    const { item } = file
    if (!damaged || !error) throw fileDamaged(item.path)
    const { folder, name } = damaged.placeOf(item)
    giveName({ temporary: this.#temporary(work), final: tree.at(folder, name), replace: false })
    this.#work.delete(item.id)
    this.#failed.add(item.id)
    damaged.onFile(file, name, lostRanges(lost, { blocksize, sizeBytes: item.sizeBytes }))
    onFailure(item, error)
  }

  #applyMetadata(work: Work, handle: number): void {
    const { item } = work.file
    const { policy, warn } = this.#options
    const { modifiedSeconds } = item
    const warnOfFile = (reason: string): void => warn(item.path, reason)
    const known = policy.skipMetadata ? noMetadata : readableMetadata(this.#metadataOf(work), warnOfFile)
    applyToHandle(handle, known, { ...policy, isFolder: false, modifiedSeconds, warn: warnOfFile })
  }

  /** Undefined of a file that never had any. */
  #metadataOf(work: Work): Buffer | 'lost' | undefined {
    const shared = this.#sharedOf(work)
    if (shared && shared !== 'none') return shared
    return wholeMetadata(work.file.item, Object.values(work.metadata))
  }

  #name(work: Work): void {
    const { file } = work
    const { tree } = this.#options
    const { folder, name } = file.place
    const replace = file.replace || tree.isFree(folder, name)
    giveName({ temporary: this.#temporary(work), final: tree.at(folder, name), replace })
    this.#work.delete(file.item.id)
    this.#options.onFile(file)
  }

  #temporary(work: Work): Buffer {
    const { place, item } = work.file
    return this.#options.tree.at(place.folder, Buffer.from(this.#temporaryName(item)))
  }

  #temporaryName(item: RestoreItem): string {
    return temporaryName(this.#options.token, item.id)
  }

  #guard(work: Work, act: () => void): void {
    try {
      act()
    } catch (error) {
      const trouble = targetTrouble(work.file.item.path, error)
      this.#fail(work, trouble)
      if (isFullDisk(error)) throw targetFull(trouble)
    }
  }

  #fail(work: Work, error: PullbackError): void {
    const { item } = work.file
    this.#removeTemporary(work)
    this.#work.delete(item.id)
    this.#failed.add(item.id)
    this.#options.onFailure(item, error)
  }

  #removeTemporary(work: Work): void {
    if (!work.begun) return
    try {
      removeQuietly(this.#temporary(work))
    } catch (error) {
      // Its folder cannot be reached any more: the next restore finds what is left.
      if (systemCode(error) === undefined && !isPullbackError(error)) throw error
    }
  }
}

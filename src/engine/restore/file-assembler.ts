// Puts the blocks of files together as they come from the volumes, in whatever order, and finishes each file when its
// last piece is there. Keeps the metadata of folders and links in the plan until their turn comes.
import { closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { isPullbackError, PullbackError, systemCode } from '../../base/errors.ts'
import type { Piece, RestoreItem, RestorePlan } from '../../index-db/restore-plan.ts'
import { readMetadata, type Metadata } from '../../format/metadata.ts'
import { applyToHandle, type MetadataPolicy } from './apply-metadata.ts'
import { giveName, hashFile, targetTrouble, writeBlock, type FilePlace } from './placed-file.ts'
import type { TargetTree } from './target-tree.ts'

export interface PlannedFile {
  readonly item: RestoreItem
  readonly place: FilePlace
  /** An existing file may be replaced. */
  readonly replace: boolean
  /** Blocks of metadata and content that are on their way. */
  readonly pieces: number
}

export interface AssemblerOptions {
  readonly plan: RestorePlan
  readonly tree: TargetTree
  readonly blocksize: number
  readonly policy: Omit<MetadataPolicy, 'warn'>
  /** Makes this run's temporary names its own. */
  readonly token: string
  /** Finds the file of an item again, with its pieces counted anew. */
  readonly fileOf: (itemId: number) => PlannedFile | undefined
  readonly onFile: (file: PlannedFile) => void
  readonly onFailure: (item: RestoreItem, error: PullbackError) => void
  readonly warn: (path: string, reason: string) => void
}

interface Work {
  readonly file: PlannedFile
  left: number
  begun: boolean
  metadata: Buffer[]
}

const noMetadata = readMetadata(Buffer.from('{}'))

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
      else if (work.left === 0 && !work.begun) return this.#writeWhole(work, bytes)
      else this.#write(work, bytes, piece.at)
      if (work.left === 0) this.#finish(work)
    })
  }

  /** A file without any piece: empty, and nothing known of it. */
  makeEmpty(file: PlannedFile): void {
    const work: Work = { file, left: 0, begun: false, metadata: [] }
    this.#guard(work, () => this.#finish(work))
  }

  /** A block that is not to be had. Without a content block the file fails; metadata is only missed. */
  miss(piece: Piece, error: PullbackError): void {
    const work = this.#workOf(piece.itemId)
    if (!work) return
    if (piece.part === 'content') {
      this.#fail(work, error)
      return
    }
    this.#options.warn(work.file.item.path, `its metadata could not be read: ${error.what}`)
    work.left -= 1
    if (work.left === 0) this.#guard(work, () => this.#finish(work))
  }

  /** Removes what is unfinished. */
  discard(): void {
    for (const work of this.#work.values()) this.#removeTemporary(work)
    this.#work.clear()
  }

  #workOf(itemId: number): Work | undefined {
    const known = this.#work.get(itemId)
    if (known || this.#failed.has(itemId)) return known
    const file = this.#options.fileOf(itemId)
    if (!file) return undefined
    const work: Work = { file, left: file.pieces, begun: false, metadata: [] }
    this.#work.set(itemId, work)
    return work
  }

  #write(work: Work, bytes: Buffer, at: number): void {
    work.begun = true
    writeBlock(this.#temporary(work), bytes, at * this.#options.blocksize)
  }

  /** The usual case, a file of one block whose metadata is here: opened once. */
  #writeWhole(work: Work, bytes: Buffer): void {
    work.begun = true
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const handle = openSync(this.#temporary(work), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done)
      this.#check(work, bytes.length === work.file.item.sizeBytes)
      this.#applyMetadata(work, handle)
    } finally {
      closeSync(handle)
    }
    this.#name(work)
  }

  #finish(work: Work): void {
    const { item } = work.file
    const temporary = this.#temporary(work)
    if (!work.begun) writeBlock(temporary, Buffer.alloc(0), 0)
    work.begun = true
    if (item.blocklists) {
      const { hash, sizeBytes } = hashFile(temporary)
      this.#check(work, sizeBytes === item.sizeBytes && (item.hash?.equals(hash) ?? false))
    }
    const handle = openSync(temporary, constants.O_WRONLY | constants.O_NOFOLLOW)
    try {
      if (item.sizeBytes === 0) ftruncateSync(handle, 0)
      this.#applyMetadata(work, handle)
    } finally {
      closeSync(handle)
    }
    this.#name(work)
  }

  #check(work: Work, sound: boolean): void {
    if (sound) return
    const { path } = work.file.item
    throw new PullbackError('FileDamaged', {
      what: `${path} is not what was backed up: its hash differs`,
      subject: path,
    })
  }

  #applyMetadata(work: Work, handle: number): void {
    const { item } = work.file
    const { policy, warn } = this.#options
    applyToHandle(handle, this.#metadata(work), {
      ...policy,
      isFolder: false,
      modifiedSeconds: item.modifiedSeconds,
      warn: (reason) => warn(item.path, reason),
    })
  }

  #metadata(work: Work): Metadata {
    if (work.metadata.length === 0) return noMetadata
    try {
      return readMetadata(Buffer.concat(work.metadata))
    } catch (error) {
      if (!isPullbackError(error)) throw error
      this.#options.warn(work.file.item.path, `its metadata could not be read: ${error.what}`)
      return noMetadata
    }
  }

  #name(work: Work): void {
    const { file } = work
    giveName(this.#options.tree, { ...file.place, temporary: this.#temporary(work), replace: file.replace })
    this.#work.delete(file.item.id)
    this.#options.onFile(file)
  }

  #temporary(work: Work): Buffer {
    const { place, item } = work.file
    return this.#options.tree.at(place.folder, Buffer.from(`.pullback-${this.#options.token}-${item.id}`))
  }

  #guard(work: Work, act: () => void): void {
    try {
      act()
    } catch (error) {
      const trouble = isPullbackError(error) ? error : targetTrouble(work.file.item.path, error)
      const code = systemCode(error)
      this.#fail(work, trouble)
      if (code === 'ENOSPC' || code === 'EDQUOT') {
        throw new PullbackError('RestoreTargetFull', {
          what: trouble.what,
          subject: work.file.item.path,
          cause: error,
        })
      }
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
      unlinkSync(this.#temporary(work))
    } catch (error) {
      if (systemCode(error) === undefined) throw error
    }
  }
}

// The folder that a restore writes into, and the only code that touches it. Every folder is opened by handle, one part
// at a time, never through a link (`O_NOFOLLOW`), and everything is done relative to such a handle
// (`/proc/self/fd/N/name`): no file list and nobody who swaps folders for links meanwhile can make it write elsewhere.
import { closeSync, constants, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs'
import { assert } from '../../base/assert.ts'
import { PullbackError, systemCode } from '../../base/errors.ts'

/** Open folder handles at once; far below the usual limit of 1,024 files. */
const maxHandles = 128

export class TargetTree {
  readonly rootPath: string
  readonly #root: number
  /** Least recently used first. */
  readonly #handles = new Map<string, number>()
  /** Folders that were not there before, and do not have their own mode and time yet. */
  readonly #unsettled = new Map<string, readonly Buffer[]>()
  readonly #made = new Set<string>()

  /** Opens the folder; makes it, with its parents, if it is missing and `make` is set. */
  constructor(rootPath: string, make: boolean) {
    this.rootPath = rootPath
    try {
      const made = make ? mkdirSync(rootPath, { recursive: true }) : undefined
      if (made !== undefined) this.#noteMade([])
      // The folder that the user named may itself be a link; nothing below it may.
      this.#root = openSync(rootPath, constants.O_RDONLY | constants.O_DIRECTORY)
    } catch (error) {
      throw unusable(rootPath, error)
    }
  }

  /** A path by which the kernel reaches `name` in the folder, through the folder's handle. Makes missing folders. */
  at(folder: readonly Buffer[], name: Buffer): Buffer {
    return inFolder(this.#handleOrMake(folder), name)
  }

  /** True if this restore made the folder. */
  made(folder: readonly Buffer[]): boolean {
    return this.#made.has(keyOf(folder))
  }

  /** The folder has its mode and time. */
  settled(folder: readonly Buffer[]): void {
    this.#unsettled.delete(keyOf(folder))
  }

  unsettled(): (readonly Buffer[])[] {
    return [...this.#unsettled.values()]
  }

  /** What is at a place, without following a link; undefined when nothing is. */
  look(folder: readonly Buffer[], name: Buffer): Stats | undefined {
    const handle = this.#handle(folder, false)
    if (handle === undefined) return undefined
    return lstatSync(inFolder(handle, name), { throwIfNoEntry: false })
  }

  /** Opens a folder for changes of its own metadata; the caller closes it. */
  openFolder(folder: readonly Buffer[]): number {
    return openSync(
      `/proc/self/fd/${this.#handleOrMake(folder)}/.`,
      constants.O_RDONLY | constants.O_DIRECTORY,
    )
  }

  close(): void {
    for (const handle of this.#handles.values()) closeSync(handle)
    this.#handles.clear()
    closeSync(this.#root)
  }

  #handleOrMake(folder: readonly Buffer[]): number {
    const handle = this.#handle(folder, true)
    assert(handle !== undefined, 'a folder that was made is there')
    return handle
  }

  #handle(folder: readonly Buffer[], make: boolean): number | undefined {
    if (folder.length === 0) return this.#root
    const key = keyOf(folder)
    const known = this.#handles.get(key)
    if (known !== undefined) {
      this.#handles.delete(key)
      this.#handles.set(key, known)
      return known
    }
    const parent = this.#handle(folder.slice(0, -1), make)
    if (parent === undefined) return undefined
    const handle = this.#open(inFolder(parent, folder.at(-1) ?? slash), { folder, make })
    if (handle === undefined) return undefined
    this.#handles.set(key, handle)
    this.#closeOldest()
    return handle
  }

  #open(path: Buffer, wanted: { folder: readonly Buffer[]; make: boolean }): number | undefined {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
    try {
      return openSync(path, flags)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    if (!wanted.make) return undefined
    // Private until its own mode is set at the end.
    mkdirSync(path, { mode: 0o700 })
    this.#noteMade(wanted.folder)
    return openSync(path, flags)
  }

  #noteMade(folder: readonly Buffer[]): void {
    this.#made.add(keyOf(folder))
    this.#unsettled.set(keyOf(folder), folder)
  }

  #closeOldest(): void {
    if (this.#handles.size <= maxHandles) return
    for (const [key, handle] of this.#handles) {
      this.#handles.delete(key)
      closeSync(handle)
      return
    }
  }
}

const slash = Buffer.from('/')

/** Names the folder in memory only; it is never taken for a path. */
function keyOf(folder: readonly Buffer[]): string {
  return folder.map((part) => part.toString('latin1')).join('/')
}

function inFolder(handle: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${handle}/`), name])
}

function unusable(path: string, error: unknown): PullbackError {
  const code = systemCode(error)
  if (code === undefined) throw error
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it is not a folder',
    EEXIST: 'it is not a folder',
    EACCES: 'there is no permission',
    EROFS: 'it is read-only',
    ENOSPC: 'the disk is full',
  }
  return new PullbackError('TargetFolderUnusable', {
    what: `nothing can be restored into ${path}: ${reasons[code] ?? code}`,
    subject: path,
    cause: error,
  })
}

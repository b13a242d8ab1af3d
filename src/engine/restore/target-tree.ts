// The folder that a restore writes into, and the only code that touches it. Every folder is opened by handle, one part
// at a time, never through a link (`O_NOFOLLOW`), and everything is done relative to such a handle
// (`/proc/self/fd/N/name`): no file list and nobody who swaps folders for links meanwhile can make it write elsewhere.
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  type Stats,
} from 'node:fs'
import { assert } from '../../base/assert.ts'
import { PullbackError, systemCode } from '../../base/errors.ts'
import { otherCase } from './same-name.ts'

/** Open folder handles at once; far below the usual limit of 1,024 files. */
const maxHandles = 128
/** Of a folder that a restore has made and not finished: private, and told apart by the bit that none keeps. */
const unfinishedMode = 0o1700
const modeBits = 0o7777

export class TargetTree {
  readonly rootPath: string
  readonly #root: number
  /** Least recently used first. */
  readonly #handles = new Map<string, number>()
  /** Folders that were not there before, and do not have their own mode and time yet. */
  readonly #unsettled = new Map<string, readonly Buffer[]>()
  readonly #made = new Set<string>()
  /** Of those, the ones that take names apart by their bytes: nothing can be in the way of a new name. */
  readonly #fresh = new Set<string>()
  /** Folders that were looked for and were not there. */
  readonly #absent = new Set<string>()

  /** Opens the folder; makes it, with its parents, if it is missing and `make` is set. */
  constructor(rootPath: string, options: { readonly make: boolean }) {
    this.rootPath = rootPath
    try {
      const made = options.make ? mkdirSync(rootPath, { recursive: true }) : undefined
      if (made !== undefined) {
        chmodSync(rootPath, unfinishedMode)
        this.#noteMade([], Buffer.from(rootPath))
      }
      // The folder that the user named may itself be a link; nothing below it may.
      this.#root = openSync(rootPath, constants.O_RDONLY | constants.O_DIRECTORY)
      this.#noteUnfinished([], this.#root)
    } catch (error) {
      throw unusable(rootPath, error)
    }
  }

  /** Of the folder restored into. */
  get handle(): number {
    return this.#root
  }

  /** A path by which the kernel reaches `name` in the folder, through the folder's handle. Makes missing folders. */
  at(folder: readonly Buffer[], name: Buffer): Buffer {
    return inFolder(this.#handleOrMake(folder), name)
  }

  /** Like `at`, in a folder that has to be there. */
  atExisting(folder: readonly Buffer[], name: Buffer): Buffer {
    const handle = this.#handle(folder, false)
    if (handle !== undefined) return inFolder(handle, name)
    const path = `${this.rootPath}/${folderKey([...folder, name])}`
    throw new PullbackError('RestoreTargetFailed', { what: `the folder of ${path} is gone`, subject: path })
  }

  /** Makes a folder that is missing, and those on the way to it. */
  make(folder: readonly Buffer[]): void {
    this.#handleOrMake(folder)
  }

  /** True if this restore made the folder, or one did that was cut off before it finished it. */
  made(folder: readonly Buffer[]): boolean {
    return this.#made.has(folderKey(folder))
  }

  /** True if this restore made the folder and its names are told apart: only what this restore put there is in it. */
  fresh(folder: readonly Buffer[]): boolean {
    return this.#fresh.has(folderKey(folder))
  }

  /**
   * True if nothing can be in the way of a name, as this restore alone puts anything there and gives no place twice.
   * Whether names are told apart that differ in the way a letter is composed, nobody knows.
   */
  isFree(folder: readonly Buffer[], name: Buffer): boolean {
    return this.fresh(folder) && name.every((byte) => byte < 0x80)
  }

  /** The folder has its mode and time. */
  settled(folder: readonly Buffer[]): void {
    this.#unsettled.delete(folderKey(folder))
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

  /** What is in a folder that is there; folders are told apart without following a link. */
  names(folder: readonly Buffer[]): { readonly name: Buffer; readonly isFolder: boolean }[] {
    const handle = this.#handle(folder, false)
    if (handle === undefined) return []
    const entries = readdirSync(`/proc/self/fd/${handle}/.`, { withFileTypes: true, encoding: 'buffer' })
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
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
    const key = folderKey(folder)
    const known = this.#handles.get(key)
    if (known !== undefined) {
      this.#handles.delete(key)
      this.#handles.set(key, known)
      return known
    }
    if (!make && this.#absent.has(key)) return undefined
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
      const handle = openSync(path, flags)
      this.#noteUnfinished(wanted.folder, handle)
      return handle
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    const { folder, make } = wanted
    if (!make) {
      this.#absent.add(folderKey(folder))
      return undefined
    }
    // Private until its own mode is set at the end.
    mkdirSync(path, { mode: unfinishedMode })
    this.#noteMade(folder, path)
    return openSync(path, flags)
  }

  #noteMade(folder: readonly Buffer[], path: Buffer): void {
    const key = folderKey(folder)
    this.#made.add(key)
    this.#absent.delete(key)
    this.#unsettled.set(key, folder)
    // What tells names apart does so in all folders made below.
    if ((folder.length > 0 && this.fresh(folder.slice(0, -1))) || tellsCase(path)) this.#fresh.add(key)
  }

  /** What an earlier restore made and did not finish is finished by this one. */
  #noteUnfinished(folder: readonly Buffer[], handle: number): void {
    const { mode, uid } = fstatSync(handle)
    const key = folderKey(folder)
    if ((mode & modeBits) !== unfinishedMode || uid !== process.geteuid?.() || this.#made.has(key)) return
    this.#made.add(key)
    this.#unsettled.set(key, folder)
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
export function folderKey(folder: readonly Buffer[]): string {
  return folder.map((part) => part.toString('latin1')).join('/')
}

/**
 * True if the file system takes the name of a folder apart from the same name in the other case. Where nobody can tell,
 * because the name has no letter, it is false.
 */
function tellsCase(path: Buffer): boolean {
  const cut = path.lastIndexOf(slash) + 1
  const other = otherCase(path.subarray(cut))
  if (!other) return false
  const found = lstatSync(Buffer.concat([path.subarray(0, cut), other]), { throwIfNoEntry: false })
  return found?.ino !== lstatSync(path).ino
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

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
import { folderHandles } from './folder-handles.ts'
import { otherCase } from './same-name.ts'

/** Of a folder that a restore has made and not finished: private, and told apart by the bit that none keeps. */
const unfinishedMode = 0o1700
const modeBits = 0o7777

/** What is known of a folder: one for each that was asked for, however deep, so that nobody joins long paths. */
interface Known {
  /** Its bytes, a character for each: a small buffer would keep the whole piece of memory that it is cut from. */
  readonly name: string
  /** Undefined for the folder restored into. */
  readonly parent: Known | undefined
  /** Most folders hold none. */
  below: Map<string, Known> | undefined
  handle: number | undefined
  /** It was not there before, or an earlier restore made it and did not finish it. */
  isMade: boolean
  /** It was not there before, and takes names apart by their bytes: nothing can be in the way of a new name. */
  isFresh: boolean
  /** It was looked for and was not there. */
  isAbsent: boolean
}

export class TargetTree {
  readonly rootPath: string
  readonly #root: Known
  readonly #rootHandle: number
  readonly #maxOpen = folderHandles()
  /** With a handle, least recently used first; the root is not among them. */
  readonly #open = new Set<Known>()
  /** Made, and without their own mode and time yet. */
  readonly #unsettled = new Set<Known>()

  /** Opens the folder; makes it, with its parents, if it is missing and `make` is set. */
  constructor(rootPath: string, options: { readonly make: boolean }) {
    this.rootPath = rootPath
    try {
      const made = options.make ? mkdirSync(rootPath, { recursive: true }) : undefined
      this.#root = unknown('', undefined)
      if (made !== undefined) {
        chmodSync(rootPath, unfinishedMode)
        this.#noteMade(this.#root, Buffer.from(rootPath))
      }
      // The folder that the user named may itself be a link; nothing below it may.
      this.#rootHandle = openSync(rootPath, constants.O_RDONLY | constants.O_DIRECTORY)
      this.#root.handle = this.#rootHandle
      this.#noteUnfinished(this.#root, this.#rootHandle)
    } catch (error) {
      throw unusable(rootPath, error)
    }
  }

  /** Of the folder restored into. */
  get handle(): number {
    return this.#rootHandle
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
    return this.#known(folder).isMade
  }

  /** True if this restore made the folder and its names are told apart: only what this restore put there is in it. */
  fresh(folder: readonly Buffer[]): boolean {
    return this.#known(folder).isFresh
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
    this.#unsettled.delete(this.#known(folder))
  }

  unsettled(): (readonly Buffer[])[] {
    return [...this.#unsettled].map(partsOf)
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
    for (const { handle } of this.#open) if (handle !== undefined) closeSync(handle)
    this.#open.clear()
    closeSync(this.#rootHandle)
  }

  #known(folder: readonly Buffer[]): Known {
    let known = this.#root
    for (const name of folder) {
      const key = name.toString('latin1')
      let next = known.below?.get(key)
      if (!next) {
        next = unknown(key, known)
        known.below ??= new Map()
        known.below.set(key, next)
      }
      known = next
    }
    return known
  }

  #handleOrMake(folder: readonly Buffer[]): number {
    const handle = this.#handle(folder, true)
    assert(handle !== undefined, 'a folder that was made is there')
    return handle
  }

  #handle(folder: readonly Buffer[], make: boolean): number | undefined {
    const wanted = this.#known(folder)
    const closed: Known[] = []
    let open: Known | undefined = wanted
    for (; open && open.handle === undefined; open = open.parent) closed.push(open)
    if (!make && closed.some(({ isAbsent }) => isAbsent)) return undefined
    if (open && this.#open.delete(open)) this.#open.add(open)
    for (const one of closed.toReversed()) {
      one.handle = this.#opened(one, make)
      if (one.handle === undefined) return undefined
      this.#open.add(one)
      this.#closeOldest()
    }
    return wanted.handle
  }

  /** A handle of a folder whose parent has one. */
  #opened(known: Known, make: boolean): number | undefined {
    const path = inFolder(known.parent?.handle ?? this.#rootHandle, Buffer.from(known.name, 'latin1'))
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
    try {
      const handle = openSync(path, flags)
      this.#noteUnfinished(known, handle)
      return handle
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
    if (!make) {
      known.isAbsent = true
      return undefined
    }
    // Private until its own mode is set at the end.
    mkdirSync(path, { mode: unfinishedMode })
    this.#noteMade(known, path)
    return openSync(path, flags)
  }

  #noteMade(known: Known, path: Buffer): void {
    known.isMade = true
    known.isAbsent = false
    this.#unsettled.add(known)
    // What tells names apart does so in all folders made below.
    if (known.parent?.isFresh === true || tellsCase(path)) known.isFresh = true
  }

  /** What an earlier restore made and did not finish is finished by this one. */
  #noteUnfinished(known: Known, handle: number): void {
    if (known.isMade) return
    const { mode, uid } = fstatSync(handle)
    if ((mode & modeBits) !== unfinishedMode || uid !== process.geteuid?.()) return
    known.isMade = true
    this.#unsettled.add(known)
  }

  #closeOldest(): void {
    if (this.#open.size <= this.#maxOpen) return
    for (const known of this.#open) {
      this.#open.delete(known)
      if (known.handle !== undefined) closeSync(known.handle)
      known.handle = undefined
      return
    }
  }
}

function unknown(name: string, parent: Known | undefined): Known {
  const told = { handle: undefined, isMade: false, isFresh: false, isAbsent: false }
  return { name, parent, below: undefined, ...told }
}

/** The way to it from the folder restored into. */
function partsOf(known: Known): readonly Buffer[] {
  const parts: Buffer[] = []
  for (let one = known; one.parent; one = one.parent) parts.push(Buffer.from(one.name, 'latin1'))
  return parts.reverse()
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

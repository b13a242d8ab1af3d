// What restores into the same folder left when they were killed: their marks, which nobody holds any more, and their
// temporary files. Those may be gone on with; whatever is left of them in the end is removed. Of a restore that lives,
// or of which nobody knows, nothing is touched.
import { closeSync, constants, fstatSync, openSync, renameSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../base/errors.ts'
import { takeLifeMark, type LifeMark } from '../../index-db/life-mark.ts'
import { removeQuietly, type FilePlace } from './placed-file.ts'
import { folderKey, type TargetTree } from './target-tree.ts'
import {
  earlyMarkName,
  markName,
  temporaryName,
  tokenOfEarlyMark,
  tokenOfMark,
  tokenOfTemporary,
} from './temporary-name.ts'

export class Leftovers {
  readonly #tree: TargetTree
  readonly #token: string
  #own: LifeMark | undefined
  #ownName = ''
  readonly #dead = new Map<string, LifeMark>()
  /** By folder and name. */
  readonly #temporaries = new Map<string, FilePlace>()

  constructor(tree: TargetTree, token: string) {
    this.#tree = tree
    this.#token = token
    for (const name of tree.names([])) this.#findDead(name.name.toString('latin1'))
    if (this.#dead.size > 0) this.#walk()
  }

  /** Says that this restore lives; to be called before its first temporary file. */
  mark(): void {
    if (this.#own) return
    // It gets its name when it is held: nobody finds it free in between and takes us for dead.
    const early = earlyMarkName(this.#token)
    this.#own = takeLifeMark(join(this.#tree.rootPath, early))
    this.#ownName = early
    const at = (name: string): Buffer => this.#tree.at([], Buffer.from(name))
    const own = markName(this.#token)
    if (!this.#own) return
    quietly(() => {
      renameSync(at(early), at(own))
      this.#ownName = own
    })
  }

  /** A half-written file of an item, opened for reading; the caller closes it. */
  open(folder: readonly Buffer[], itemId: number): { handle: number; path: Buffer } | undefined {
    for (const token of this.#dead.keys()) {
      const name = Buffer.from(temporaryName(token, itemId))
      if (!this.#temporaries.has(folderKey([...folder, name]))) continue
      const path = this.#tree.at(folder, name)
      const handle = openOwn(path)
      if (handle !== undefined) return { handle, path }
    }
    return undefined
  }

  /** Removes what dead restores left, and this restore's own mark; gives the names of the marks that stay. */
  remove(): string[] {
    const staying = new Set<string>()
    for (const { folder, name } of this.#temporaries.values()) {
      const there = lookQuietly(this.#tree, { folder, name })
      if (!there || !(there.isFile() || there.isSymbolicLink()) || !isOurs(there)) continue
      const isGone = removeQuietly(this.#tree.at(folder, name))
      // Without the mark nobody would ever find it.
      if (!isGone) staying.add(markName(tokenOfTemporary(name.toString('latin1')) ?? ''))
    }
    const marks = [...this.#dead].map(([token, mark]) => [markName(token), mark] as const)
    if (this.#own) marks.push([this.#ownName, this.#own])
    for (const [name, mark] of marks) {
      if (staying.has(name)) mark.release()
      else if (!this.#removeMark(name, mark)) staying.add(name)
    }
    this.#dead.clear()
    this.#temporaries.clear()
    this.#own = undefined
    return [...staying]
  }

  /** The mark is still held when its name goes: nobody takes it meanwhile for one of the dead. */
  #removeMark(name: string, mark: LifeMark): boolean {
    const path = this.#tree.at([], Buffer.from(name))
    // A disk that refused once may not a second time, and nothing depends on what it says.
    const isGone = removeQuietly(path) || removeQuietly(path)
    mark.release()
    return isGone
  }

  #findDead(name: string): void {
    const token = tokenOfMark(name)
    const early = tokenOfEarlyMark(name)
    if (token === undefined && early === undefined) return
    const there = this.#tree.look([], Buffer.from(name))
    if (!there?.isFile() || !isOurs(there) || there.size > 0) return
    const mark = takeLifeMark(join(this.#tree.rootPath, name))
    if (token !== undefined && mark) this.#dead.set(token, mark)
    else if (mark) this.#removeMark(name, mark)
  }

  /** Looks into every folder on the same disk: nobody knows which of them a dead restore was at. */
  #walk(): void {
    const disk = fstatSync(this.#tree.handle).dev
    const waiting: (readonly Buffer[])[] = [[]]
    for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
      for (const { name, isFolder } of namesQuietly(this.#tree, folder)) {
        const token = tokenOfTemporary(name.toString('latin1'))
        if (token !== undefined && this.#dead.has(token))
          this.#temporaries.set(folderKey([...folder, name]), { folder, name })
        const below = [...folder, name]
        if (isFolder && lookQuietly(this.#tree, { folder, name })?.dev === disk) waiting.push(below)
      }
    }
  }
}

function namesQuietly(tree: TargetTree, folder: readonly Buffer[]): ReturnType<TargetTree['names']> {
  return quietly(() => tree.names(folder)) ?? []
}

function lookQuietly(tree: TargetTree, { folder, name }: FilePlace): Stats | undefined {
  return quietly(() => tree.look(folder, name))
}

/** What cannot be looked at is left alone. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}

/** Opens a file if it is nobody else's: made by this user, and with no other name. */
function openOwn(path: Buffer): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const handle = quietly(() => openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK))
  if (handle === undefined) return undefined
  const there = fstatSync(handle)
  if (there.isFile() && there.nlink === 1 && isOurs(there)) return handle
  closeSync(handle)
  return undefined
}

function isOurs(there: Stats): boolean {
  return there.uid === process.geteuid?.()
}

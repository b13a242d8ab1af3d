// Where each file and link of a restore goes: its own place, or beside it when that is taken. No place is given twice,
// whatever a file list says, and what is there already is left or replaced as the options say.
import type { Stats } from 'node:fs'
import type { RestoreItem, RestorePlan } from '../../index-db/restore-plan.ts'
import { PullbackError, systemCode } from '../../base/errors.ts'
import { CaseBlindFolders } from './case-blind-folders.ts'
import { allTaken, namesBeside, namesOfDamaged } from './name-beside.ts'
import type { Place } from './path-mapper.ts'
import { hashFile, type FilePlace } from './placed-file.ts'
import { foldedKey } from './same-name.ts'
import { folderKey, type TargetTree } from './target-tree.ts'

/** An entry's place, and whether what is there gives way. */
export interface EntryPlace extends FilePlace {
  readonly replace: boolean
}

interface Parts {
  readonly plan: RestorePlan
  readonly tree: TargetTree
  readonly overwrite: boolean
  /** Of the version: it is part of the names beside. */
  readonly versionMs: number
  readonly placeOf: (item: RestoreItem) => Place
  /** Told of an entry that does not get its own name; of a twin, because another entry of this restore has it. */
  readonly onBeside: (item: RestoreItem, name: Buffer, why: { readonly isTwin: boolean }) => void
}

export class EntryPlaces {
  readonly #parts: Parts
  readonly #blind: CaseBlindFolders
  /** By item: the places that are not simply their own. */
  readonly #unusual = new Map<number, EntryPlace>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#blind = new CaseBlindFolders(parts.tree)
  }

  /** Chooses a file's place; undefined if the right file is there already. */
  ofNewFile(item: RestoreItem): EntryPlace | undefined {
    return this.#choose(item, ({ folder, name }, there) => {
      return there.isFile() && there.size === item.sizeBytes && this.#hasHash(item, { folder, name })
    })
  }

  /** Chooses a link's place; undefined if `isRight` of what is there already. */
  ofNewLink(item: RestoreItem, isRight: (place: FilePlace, there: Stats) => boolean): EntryPlace | undefined {
    return this.#choose(item, isRight)
  }

  /** The file that is in the item's way. */
  inTheWay(item: RestoreItem): Buffer | undefined {
    const { tree } = this.#parts
    const { folder, name } = this.#own(item)
    return tree.look(folder, name)?.isFile() ? tree.at(folder, name) : undefined
  }

  /** The place that was chosen for an item. */
  of(item: RestoreItem): EntryPlace {
    return this.#unusual.get(item.id) ?? { ...this.#own(item), replace: false }
  }

  /** A place beside its own for what is left of a file; never one where something is. */
  ofDamaged(item: RestoreItem): FilePlace {
    const { folder, name } = this.#own(item)
    for (const beside of namesOfDamaged(name)) {
      const place = { folder, name: beside }
      if (!this.#parts.tree.look(folder, beside) && this.#claim(place)) return place
    }
    throw allTaken(name)
  }

  #choose(item: RestoreItem, isRight: (place: FilePlace, there: Stats) => boolean): EntryPlace | undefined {
    const { tree, overwrite, versionMs } = this.#parts
    const own = this.#own(item)
    const isTwin = !this.#claim(own)
    if (!isTwin) {
      const there = tree.look(own.folder, own.name)
      if (!there) return this.of(item)
      if (isRight(own, there)) return undefined
      if (overwrite && !there.isDirectory()) return this.#keep(item, { ...own, replace: true })
    }
    for (const name of namesBeside(own.name, versionMs)) {
      const beside = { folder: own.folder, name, replace: false }
      const there = tree.look(beside.folder, name)
      const taken = there !== undefined && !isRight(beside, there)
      if (taken || !this.#claim(beside)) continue
      this.#parts.onBeside(item, name, { isTwin })
      return there ? undefined : this.#keep(item, beside)
    }
    throw allTaken(own.name)
  }

  #keep(item: RestoreItem, place: EntryPlace): EntryPlace {
    this.#unusual.set(item.id, place)
    return place
  }

  /** False if another entry of this restore has the place. */
  #claim({ folder, name }: FilePlace): boolean {
    const place = [...folder, name]
    return this.#parts.plan.claimPlace(this.#blind.has(folder) ? foldedKey(place) : folderKey(place))
  }

  #own(item: RestoreItem): FilePlace {
    const parts = this.#parts.placeOf(item)
    const name = parts.at(-1)
    if (!name)
      throw new PullbackError('PathUnsafe', { what: `${item.path} would replace the folder restored into` })
    return { folder: parts.slice(0, -1), name }
  }

  /** What may not be read is not known to be right. */
  #hasHash(item: RestoreItem, { folder, name }: FilePlace): boolean {
    try {
      return item.hash?.equals(hashFile(this.#parts.tree.at(folder, name)).hash) ?? false
    } catch (error) {
      if (systemCode(error) !== 'EACCES') throw error
      return false
    }
  }
}

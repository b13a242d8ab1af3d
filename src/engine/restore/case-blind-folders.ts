// Which folders of a restore take names for the same that differ in case alone. Nothing asks a disk for it: a name that
// is there is looked for in the other case. A folder without such a name is like the one above it.
import { otherCase } from './same-name.ts'
import { folderKey, type TargetTree } from './target-tree.ts'

/** Names asked for in a folder: one is enough, but that a name may be a disk's own, with rules of its own. */
const mostAsked = 8

export class CaseBlindFolders {
  readonly #tree: TargetTree
  readonly #known = new Map<string, boolean>()

  constructor(tree: TargetTree) {
    this.#tree = tree
  }

  has(folder: readonly Buffer[]): boolean {
    const key = folderKey(folder)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const isBlind = this.#find(folder)
    this.#known.set(key, isBlind)
    return isBlind
  }

  #find(folder: readonly Buffer[]): boolean {
    if (this.#tree.fresh(folder)) return false
    const names = this.#tree.names(folder).map(({ name }) => name)
    const others = names.map(otherCase).filter((other) => other !== undefined)
    if (others.length === 0) return folder.length > 0 && this.has(folder.slice(0, -1))
    const listed = new Set(names.map((name) => name.toString('latin1')))
    // What is found and not listed is found by a name that is not its own.
    return others
      .slice(0, mostAsked)
      .some((other) => !listed.has(other.toString('latin1')) && this.#tree.look(folder, other))
  }
}

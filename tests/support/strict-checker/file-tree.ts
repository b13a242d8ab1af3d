// The paths of one version as a whole: rooted, spelled one way, each once, and every one inside a folder that is
// listed too, up to the root folder of its source.
import type { EntryType } from './filelist-entry.ts'
import type { Place } from './findings.ts'

export class FileTree {
  readonly #types = new Map<string, EntryType>()
  readonly #root: Place
  readonly #full: boolean
  #separator: string | undefined

  /** In a partial version a file may be listed without its folder: the one was confirmed and the other was not. */
  constructor(root: Place, full: boolean) {
    this.#root = root
    this.#full = full
  }

  add(type: EntryType, path: string): void {
    const place = this.#root.at(`path ${JSON.stringify(path)}`)
    if (this.#types.has(path)) place.broken('occurs more than once')
    this.#types.set(path, type)
    this.#checkSpelling(type, path, place)
  }

  /** Call after the last entry: looks for twins and for folders that are missing between others. */
  checkWhole(): void {
    for (const [path, type] of this.#types) {
      const place = this.#root.at(`path ${JSON.stringify(path)}`)
      const bare = this.#withoutEnd(path)
      if (bare !== path && this.#types.has(bare))
        place.unlike('occurs with and without a separator at its end')
      this.#checkParent(bare, type, place)
    }
  }

  #checkSpelling(type: EntryType, path: string, place: Place): void {
    if (!/^(?:\/|[A-Za-z]:[\\/]|\\\\[^\\])/.test(path)) {
      place.broken('expected rooted: /…, X:\\… or \\\\…')
      return
    }
    const separator = path.startsWith('/') ? '/' : '\\'
    this.#separator ??= separator
    if (separator !== this.#separator) place.broken(`separator expected "${this.#separator}" as before`)
    const endsWithSeparator = path.endsWith(separator)
    if (type === 'Folder' && !endsWithSeparator)
      place.broken('the path of a Folder expected to end with a separator')
    if (type === 'File' && endsWithSeparator)
      place.broken('the path of a File expected to end without separator')
    const segments = this.#withoutEnd(path).split(separator)
    if (segments.includes('..')) place.broken('has a ".." segment')
    if (segments.includes('.')) place.unlike('has a "." segment')
    if (separator === '/' && segments.slice(1).includes('') && path !== '/')
      place.unlike('has an empty segment')
    if (path.includes('\0')) place.unlike('has a zero character')
  }

  #checkParent(bare: string, type: EntryType, place: Place): void {
    const parent = this.#parentOf(bare)
    if (parent === undefined) return
    const parentType = this.#types.get(parent)
    if (parentType === 'Folder') return
    if (parentType !== undefined) place.broken(`lies in ${JSON.stringify(parent)}, which is a ${parentType}`)
    else if (!this.#full) return
    else if (type !== 'Folder') place.unlike(`its folder ${JSON.stringify(parent)} is no entry`)
    else if (this.#hasAncestor(parent))
      place.unlike(`its folder ${JSON.stringify(parent)} is no entry, but one above is`)
  }

  #hasAncestor(folder: string): boolean {
    const parent = this.#parentOf(this.#withoutEnd(folder))
    return parent !== undefined && (this.#types.has(parent) || this.#hasAncestor(parent))
  }

  /** The folder a path without end separator lies in; undefined for a file system's own root. */
  #parentOf(bare: string): string | undefined {
    const at = bare.lastIndexOf(this.#separator ?? '/')
    return at === -1 || bare === '' ? undefined : bare.slice(0, at + 1)
  }

  #withoutEnd(path: string): string {
    const separator = this.#separator ?? '/'
    return path.endsWith(separator) ? path.slice(0, -1) : path
  }
}

// Folders that a scan has found and that are not decided yet: a folder's own listing says whether it is left out, and
// what lies below says whether there is anything in it. Parents are decided before children. What waits is no more
// than the scan itself has still to list, besides the folders that may turn out to be empty.
import type { FolderListing } from '../../sources/source.ts'
import { isStorable } from '../backup/entry-facts.ts'
import type { ListingChoice } from './entry-choice.ts'
import type { Verdict } from './selection-rules.ts'

export interface WaitingFolder<T> {
  readonly path: Buffer
  readonly verdict: Verdict
  readonly about: T
}

export interface Settled<T> {
  /** From the outermost to the innermost. */
  readonly kept: readonly WaitingFolder<T>[]
  readonly leftOut: WaitingFolder<T> | undefined
}

export class WaitingFolders<T> {
  /** By path, in Latin-1. */
  readonly #waiting = new Map<string, WaitingFolder<T>>()

  /** A folder that the scan goes into. */
  add(folder: WaitingFolder<T>): void {
    this.#waiting.set(folder.path.toString('latin1'), folder)
  }

  /** What the next listing decides: on its own folder, and on those around it. */
  settle(listing: FolderListing, choice: ListingChoice): Settled<T> {
    const own = this.#waiting.get(listing.path.toString('latin1'))
    if (choice.leftOut) {
      this.#waiting.delete(listing.path.toString('latin1'))
      return { kept: [], leftOut: own && { ...own, verdict: choice.leftOut } }
    }
    const isKept = own?.verdict.outcome === 'kept' || holdsSomething(listing, choice)
    return { kept: isKept ? this.#takeWithParents(listing.path) : [], leftOut: undefined }
  }

  /** After the last listing: the folders in which nothing was kept. */
  *rest(): Iterable<WaitingFolder<T>> {
    for (const folder of this.#waiting.values())
      yield { ...folder, verdict: { ...folder.verdict, outcome: 'left-out' } }
    this.#waiting.clear()
  }

  #takeWithParents(path: Buffer): WaitingFolder<T>[] {
    const taken: WaitingFolder<T>[] = []
    let key = path.toString('latin1')
    for (let folder = this.#waiting.get(key); folder; folder = this.#waiting.get(key)) {
      taken.push(folder)
      this.#waiting.delete(key)
      key = key.slice(0, Math.max(0, key.lastIndexOf('/')))
    }
    return taken.reverse()
  }
}

/** What could not be looked at may be anything: its folder is kept. */
function holdsSomething(listing: FolderListing, { verdicts }: ListingChoice): boolean {
  if (listing.error || listing.problems.length > 0) return true
  return listing.entries.some(
    (entry, at) => verdicts[at]?.outcome === 'kept' && entry.kind !== 'folder' && isStorable(entry),
  )
}

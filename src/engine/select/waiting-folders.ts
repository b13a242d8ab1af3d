// Folders that a scan has found and that are not decided yet: a folder's own listing says whether it is left out, and
// what lies below says whether there is anything in it. A folder is decided as soon as that can be known, so what
// waits is no more than what the scan has still to list, and the folders around that.
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
  /** From the innermost to the outermost. */
  readonly leftOut: readonly WaitingFolder<T>[]
}

interface Place<T> {
  readonly folder: WaitingFolder<T>
  /** Folders in it that are not decided; known from its own listing on. */
  undecided: number
}

export class WaitingFolders<T> {
  /** By path, in Latin-1. */
  readonly #waiting = new Map<string, Place<T>>()

  /** A folder that the scan goes into. */
  add(folder: WaitingFolder<T>): void {
    this.#waiting.set(folder.path.toString('latin1'), { folder, undecided: 0 })
  }

  /** What the next listing decides: on its own folder, and on those around it. Before its folders are added. */
  settle(listing: FolderListing, choice: ListingChoice): Settled<T> {
    const key = listing.path.toString('latin1')
    const own = this.#waiting.get(key)
    if (!own) return { kept: [], leftOut: [] }
    if (choice.leftOut) {
      this.#waiting.delete(key)
      const around = this.#takeEmpty(parentOf(key))
      return { kept: [], leftOut: [{ ...own.folder, verdict: choice.leftOut }, ...around] }
    }
    if (own.folder.verdict.outcome === 'kept' || holdsSomething(listing, choice)) {
      return { kept: this.#takeAround(key), leftOut: [] }
    }
    // One more than there are, which is the listing itself.
    own.undecided = enteredFolders(listing, choice) + 1
    return { kept: [], leftOut: this.#takeEmpty(key) }
  }

  /** Something in a folder is kept: so are it and all around it. */
  #takeAround(innermost: string): WaitingFolder<T>[] {
    const taken: WaitingFolder<T>[] = []
    let key = innermost
    for (let place = this.#waiting.get(key); place; place = this.#waiting.get(key)) {
      taken.push(place.folder)
      this.#waiting.delete(key)
      key = parentOf(key)
    }
    return taken.reverse()
  }

  /** One thing less in a folder that might have been kept; where that was the last, the folder is empty. */
  #takeEmpty(innermost: string): WaitingFolder<T>[] {
    const taken: WaitingFolder<T>[] = []
    let key = innermost
    for (let place = this.#waiting.get(key); place; place = this.#waiting.get(key)) {
      place.undecided -= 1
      if (place.undecided > 0) break
      taken.push({ ...place.folder, verdict: { ...place.folder.verdict, outcome: 'left-out' } })
      this.#waiting.delete(key)
      key = parentOf(key)
    }
    return taken
  }
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

/** What could not be looked at may be anything: its folder is kept. */
function holdsSomething(listing: FolderListing, { verdicts }: ListingChoice): boolean {
  if (listing.error || listing.problems.length > 0) return true
  return listing.entries.some(
    (entry, at) => verdicts[at]?.outcome === 'kept' && entry.kind !== 'folder' && isStorable(entry),
  )
}

function enteredFolders({ entries }: FolderListing, { verdicts }: ListingChoice): number {
  return entries.filter(({ kind }, at) => kind === 'folder' && verdicts[at]?.outcome !== 'left-out').length
}

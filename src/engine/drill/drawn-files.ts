// Draws files of a version by chance, each as likely as any other, in one pass over its file list and without keeping
// that. Every file has a place in the draw that follows from the seed and its path: the same seed draws the same files.
import { sha256 } from '../../base/hash.ts'
import type { DlistEntry } from '../../format/dlist/dlist-entry.ts'

export interface DrawOrder {
  /** Any text. */
  readonly seed: string
  /** At most so many files. */
  readonly files: number
  /** Of at most so many bytes together. A file that is larger is not drawn. */
  readonly bytes: number
}

interface Candidate {
  readonly entry: DlistEntry
  readonly rank: Buffer
}

/** More than will be drawn are remembered: some may not fit into the bytes any more. */
const candidatesPerFile = 10

export class DrawnFiles {
  readonly #order: DrawOrder
  /** By rank. */
  readonly #candidates: Candidate[] = []
  /** Files that could be drawn. */
  count = 0
  /** Files that are larger than all bytes that may be drawn. */
  tooLarge = 0

  constructor(order: DrawOrder) {
    this.#order = order
  }

  offer(entry: DlistEntry): void {
    if (entry.sizeBytes > this.#order.bytes) {
      this.tooLarge += 1
      return
    }
    this.count += 1
    const rank = sha256(Buffer.from(`${this.#order.seed}\n${entry.path}`))
    const isFull = this.#candidates.length === this.#order.files * candidatesPerFile
    const last = this.#candidates.at(-1)
    if (isFull && last && Buffer.compare(rank, last.rank) > 0) return
    if (isFull) this.#candidates.pop()
    this.#candidates.splice(this.#placeOf(rank), 0, { entry, rank })
  }

  /** In the order in which they were drawn. */
  drawn(): DlistEntry[] {
    const drawn: DlistEntry[] = []
    let left = this.#order.bytes
    for (const { entry } of this.#candidates) {
      if (drawn.length === this.#order.files) break
      if (entry.sizeBytes > left) continue
      drawn.push(entry)
      left -= entry.sizeBytes
    }
    return drawn
  }

  #placeOf(rank: Buffer): number {
    let [low, high] = [0, this.#candidates.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#candidates[middle]
      if (there && Buffer.compare(there.rank, rank) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

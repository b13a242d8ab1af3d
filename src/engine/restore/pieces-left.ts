// How many pieces each item of a plan waits for: four bytes an item, as there may be millions.

/** The lowest bit of a number says that the metadata is shared, and not among the pieces. */
const sharesBit = 1

export interface ItemPieces {
  /** Blocks of metadata and content that are on their way for this item alone. */
  readonly pieces: number
  readonly sharesMetadata: boolean
}

export class PiecesLeft {
  #counts = new Uint32Array(1024)

  set(itemId: number, { pieces, sharesMetadata }: ItemPieces): void {
    if (itemId >= this.#counts.length) {
      const longer = new Uint32Array(Math.max(itemId + 1, this.#counts.length * 2))
      longer.set(this.#counts)
      this.#counts = longer
    }
    this.#counts[itemId] = pieces * 2 + (sharesMetadata ? sharesBit : 0)
  }

  /** None of an item that was never told of. */
  of(itemId: number): ItemPieces {
    const count = this.#counts[itemId] ?? 0
    return { pieces: Math.floor(count / 2), sharesMetadata: count % 2 === sharesBit }
  }
}

// Metadata that lies in another volume than the content it belongs to: mostly a block that thousands of files share.
// Each such block is fetched once, and kept in the plan by its hash; no file waits for it in memory.
import type { Piece, RestorePlan, SharedBlock } from '../../index-db/restore-plan.ts'

/** Blocks in memory, each of at most so many bytes; nearly all files need one of the last few. */
const mostKnown = 1000
const mostKnownBytes = 2048

export class SharedMetadata {
  readonly #plan: RestorePlan
  readonly #planned = new Set<string>()
  readonly #known = new Map<string, SharedBlock>()

  constructor(plan: RestorePlan) {
    this.#plan = plan
  }

  /** True for a piece that is for all who share it. */
  static is({ itemId }: Piece): boolean {
    return itemId === 0
  }

  /** Has the block fetched with whatever else comes from that volume. */
  plan(hash: Buffer, volumeId: number): void {
    const key = hash.toString('latin1')
    if (this.#planned.has(key)) return
    if (this.#planned.size >= mostKnown) this.#planned.clear()
    this.#planned.add(key)
    this.#plan.addShared(hash, volumeId)
  }

  keep(piece: Piece, bytes: Buffer): void {
    this.#plan.setShared(piece.at, bytes)
  }

  /** No volume has it as it should be. */
  lose(piece: Piece): void {
    this.#plan.setShared(piece.at, 'lost')
  }

  /** Undefined as long as its volume has not come. */
  of(hash: Buffer): SharedBlock | undefined {
    const key = hash.toString('latin1')
    const known = this.#known.get(key) ?? this.#plan.shared(hash)
    if (!known) return undefined
    if (known.length > mostKnownBytes) return known
    if (this.#known.size >= mostKnown) this.#known.clear()
    this.#known.set(key, known)
    return known
  }
}

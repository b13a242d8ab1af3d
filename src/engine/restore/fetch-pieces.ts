// Fetches every volume that a restore needs, a few at a time, and hands out the blocks in them: each volume once, if
// the backup is sound. A block that is not in a volume as it should be is looked for in the others that have it, and
// at last in those of which no dindex says so.
import { PullbackError } from '../../base/errors.ts'
import { throwIfAborted } from '../../base/abort.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { Piece, RestorePlan } from '../../index-db/restore-plan.ts'
import { Litter } from '../crunch/litter.ts'
import { costsOneVolume } from '../rebuild/load-dindex.ts'
import { UnpackLane, type BlockFault } from '../crunch/unpack-lane.ts'
import { fetchToSpool, type Fetching } from '../volumes/fetch-volume.ts'

export interface PieceTaker {
  readonly take: (piece: Piece, bytes: Buffer) => void
  /** A piece that no volume has as it should be. */
  readonly miss: (piece: Piece, error: PullbackError) => void
  readonly warn: (sentence: string) => void
}

interface Want {
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly pieces: Piece[]
}

/** Asked of a thread at once: enough to keep it busy, little enough that two lanes stay far below the memory limit. */
const batchBytes = 2 << 20
const batchBlocks = 2048

export class PieceFetcher {
  readonly #index: Index
  readonly #plan: RestorePlan
  readonly #fetching: Fetching
  readonly #taker: PieceTaker
  readonly #litter = new Litter(24 << 20)
  readonly #lookEverywhere: () => Promise<void>
  /** Volumes that were begun. */
  readonly #done = new Set<number>()
  /** By hash of a block that was not where it should be: the volumes that were tried. */
  readonly #tried = new Map<string, Set<number>>()
  /** A dindex promised a block that its sound dblock does not have. */
  #isLiedTo = false
  #missed: { readonly want: Want; readonly error: PullbackError }[] = []
  /** One lane failed: the others stop after the volume they are at. */
  #failed = false

  /** `lookEverywhere` makes every block known that is in any volume, whatever the dindexes say. */
  constructor(parts: {
    index: Index
    plan: RestorePlan
    fetching: Fetching
    taker: PieceTaker
    lookEverywhere: () => Promise<void>
  }) {
    this.#index = parts.index
    this.#lookEverywhere = parts.lookEverywhere
    this.#plan = parts.plan
    this.#fetching = parts.fetching
    this.#taker = parts.taker
  }

  async fetchAll(threads: number): Promise<void> {
    const lanes = Array.from({ length: threads }, () => new UnpackLane())
    try {
      for (let waiting = this.#waiting(); waiting.length > 0; waiting = this.#waiting()) {
        const next = waiting.values()
        const outcomes = await Promise.allSettled(lanes.map((lane) => this.#work(lane, next)))
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
        await this.#findMissed()
      }
    } finally {
      await Promise.all(lanes.map((lane) => lane.end()))
    }
  }

  #waiting(): number[] {
    return this.#plan.volumes().filter((id) => !this.#done.has(id))
  }

  async #work(lane: UnpackLane, volumes: Iterator<number>): Promise<void> {
    try {
      for (let next = volumes.next(); !next.done && !this.#failed; next = volumes.next()) {
        throwIfAborted(this.#fetching.signal)
        this.#done.add(next.value)
        await this.#volume(lane, next.value)
      }
    } catch (error) {
      this.#failed = true
      throw error
    }
  }

  async #volume(lane: UnpackLane, volumeId: number): Promise<void> {
    const volume = this.#index.volumes.get(volumeId)
    const wants = wantsOf(this.#plan.pieces(volumeId))
    if (!volume) return
    const { name, sizeBytes } = volume
    try {
      const file = await fetchToSpool(this.#fetching, { name, sizeBytes: sizeBytes ?? 0 })
      try {
        await lane.open({ path: file.path, name, passphrase: this.#fetching.passphrase })
      } finally {
        this.#fetching.spool.remove(file.path)
      }
    } catch (error) {
      if (!costsOneVolume(error, { purpose: 'restore' })) throw error
      this.#taker.warn(error.what)
      for (const want of wants) this.#elsewhere(want, volumeId, error)
      return
    }
    await this.#blocks(lane, { id: volumeId, name, wants })
    await lane.close()
  }

  async #blocks(
    lane: UnpackLane,
    volume: { id: number; name: string; wants: readonly Want[] },
  ): Promise<void> {
    const batches = inBatches(volume.wants)
    let asked = askFor(lane, batches.next().value)
    while (asked) {
      throwIfAborted(this.#fetching.signal)
      const { wants, blocks } = asked
      const following = askFor(lane, batches.next().value)
      for (const [at, block] of (await blocks).entries()) {
        const want = wants[at]
        if (!want) continue
        if (typeof block === 'string') {
          this.#isLiedTo ||= block === 'absent'
          this.#elsewhere(want, volume.id, faultyBlock(want.hash, block, volume.name))
          continue
        }
        this.#litter.drop(block.length)
        for (const piece of want.pieces) this.#taker.take(piece, block)
      }
      asked = following
    }
  }

  #elsewhere(want: Want, volumeId: number, error: PullbackError): void {
    const key = want.hash.toString('latin1')
    const tried = this.#tried.get(key) ?? new Set()
    this.#tried.set(key, tried.add(volumeId))
    if (!this.#planAgain(want)) this.#missed.push({ want, error })
  }

  /** Plans the block from a volume that was not tried for it yet; false if there is none. */
  #planAgain(want: Want): boolean {
    const tried = this.#tried.get(want.hash.toString('latin1'))
    const other = this.#index.blocks.places(want.hash).find((place) => !tried?.has(place.volumeId))
    if (!other) return false
    // Fetched a second time, a volume is asked for nothing that it gave before.
    if (this.#done.delete(other.volumeId)) this.#plan.dropPieces(other.volumeId)
    for (const piece of want.pieces) this.#plan.addPiece(other.volumeId, piece)
    return true
  }

  async #findMissed(): Promise<void> {
    const missed = this.#missed
    this.#missed = []
    // Every dblock has to be fetched for this: not for a block that is merely damaged.
    if (missed.length > 0 && this.#isLiedTo) await this.#lookEverywhere()
    for (const { want, error } of missed) {
      if (this.#planAgain(want)) continue
      for (const piece of want.pieces) this.#taker.miss(piece, error)
    }
  }
}

function wantsOf(pieces: readonly Piece[]): Want[] {
  const wants = new Map<string, Want>()
  for (const piece of pieces) {
    const key = piece.hash.toString('latin1')
    const want = wants.get(key)
    if (want) want.pieces.push(piece)
    else wants.set(key, { hash: piece.hash, sizeBytes: piece.sizeBytes, pieces: [piece] })
  }
  return [...wants.values()]
}

function* inBatches(wants: readonly Want[]): Generator<Want[], undefined> {
  let batch: Want[] = []
  let bytes = 0
  for (const want of wants) {
    batch.push(want)
    bytes += want.sizeBytes
    if (bytes < batchBytes && batch.length < batchBlocks) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
  return undefined
}

function askFor(
  lane: UnpackLane,
  wants: Want[] | undefined,
): { readonly wants: Want[]; readonly blocks: Promise<(Buffer | BlockFault)[]> } | undefined {
  if (!wants) return undefined
  const blocks = lane.blocks(wants.map((want) => want.hash))
  // Looked at in its turn; until then a failure is not unhandled.
  blocks.catch(() => undefined)
  return { wants, blocks }
}

function faultyBlock(hash: Buffer, fault: BlockFault, volume: string): PullbackError {
  return new PullbackError(fault === 'absent' ? 'BlockMissing' : 'BlockDamaged', {
    what: `block ${hash.toString('base64')} in ${volume} is ${fault === 'absent' ? 'not there' : 'damaged'}`,
    subject: volume,
  })
}

// Fetches every volume that a restore needs, some ahead, and hands out the blocks in them: each volume once, if the
// backup is sound. All threads work on the same volume, and on the next as soon as nothing of it is left to take; one
// with few pieces is left to one thread, as each would have to authenticate the whole of it. A block that is not in a
// volume as it should be is looked for in the others that have it, and at last in those of which no dindex says so.
import { PullbackError } from '../../base/errors.ts'
import { throwIfAborted } from '../../base/abort.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { Piece, RestorePlan } from '../../index-db/restore-plan.ts'
import { costsOneVolume } from '../rebuild/load-dindex.ts'
import type { BlockFault, UnpackedBlocks, UnpackLane } from '../crunch/unpack-lane.ts'
import { fetchToSpool, type Fetching } from '../volumes/fetch-volume.ts'
import {
  addAll,
  blockBatches,
  fileBatches,
  piecesForMany,
  wantsOf,
  type ChosenFile,
  type Want,
  type WholeFileMaker,
} from './piece-batches.ts'
import { SharedVolume, VolumesAhead } from './shared-volume.ts'
import type { WholeFileReply } from './whole-files.ts'

export interface PieceTaker {
  /** The bytes are there only until it returns. */
  readonly take: (piece: Piece, bytes: Buffer) => void
  /** A piece that no volume has as it should be. */
  readonly miss: (piece: Piece, error: PullbackError) => void
  readonly warn: (sentence: string) => void
  /** Without it every block is handed to `take`. */
  readonly wholeFiles?: WholeFileMaker
}

/** Lanes that may be at volumes of their own: the spool holds these, and what is fetched ahead. */
const lanesApart = 2

export class PieceFetcher {
  readonly #index: Index
  readonly #plan: RestorePlan
  readonly #fetching: Fetching
  readonly #taker: PieceTaker
  readonly #lookEverywhere: () => Promise<void>
  /** Volumes that were begun. */
  readonly #done = new Set<number>()
  /** By hash of a block that was not where it should be: the volumes that were tried. */
  readonly #tried = new Map<string, Set<number>>()
  /** A dindex promised a block that its sound dblock does not have. */
  #isLiedTo = false
  #missed: { readonly want: Want; readonly error: PullbackError }[] = []
  /** Of the first lane that failed: the others stop as soon as they can. */
  readonly #failures: unknown[] = []

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

  async fetchAll(lanes: readonly UnpackLane[]): Promise<void> {
    for (let waiting = this.#waiting(); waiting.length > 0; waiting = this.#waiting()) {
      await this.#fetchVolumes(lanes, waiting)
      await this.#findMissed()
    }
  }

  #waiting(): number[] {
    return this.#plan.volumes().filter((id) => !this.#done.has(id))
  }

  async #fetchVolumes(lanes: readonly UnpackLane[], ids: readonly number[]): Promise<void> {
    const stop = new AbortController()
    const signal = AbortSignal.any([this.#fetching.signal, stop.signal])
    const volumes = new VolumesAhead(ids, (id) => {
      const { name = '', sizeBytes = 0 } = this.#index.volumes.get(id) ?? {}
      return fetchToSpool({ ...this.#fetching, signal }, { name, sizeBytes })
    })
    try {
      const working = lanes.map(async (lane, number) => {
        try {
          await this.#work(lane, volumes, { mayPass: number < lanesApart })
        } catch (error) {
          this.#failures.push(error)
          stop.abort()
          volumes.giveUp()
        }
      })
      await Promise.all(working)
    } finally {
      await volumes.settled()
    }
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  async #work(lane: UnpackLane, volumes: VolumesAhead, as: { readonly mayPass: boolean }): Promise<void> {
    for (let number = 0; this.#failures.length === 0; number += 1) {
      throwIfAborted(this.#fetching.signal)
      const volume = volumes.at(number)
      if (!volume) return
      this.#begin(volume)
      if (volume.lanes > 0 && this.#plan.countPieces(volume.id) < piecesForMany) {
        if (!as.mayPass) await volume.over
        continue
      }
      if (volume.isOver) continue
      volume.lanes += 1
      try {
        await this.#takePart(lane, volume)
      } finally {
        volume.lanes -= 1
      }
      if (volume.lanes === 0) await this.#leave(volume)
    }
  }

  #begin(volume: SharedVolume): void {
    if (volume.isBegun) return
    volume.isBegun = true
    this.#done.add(volume.id)
    const { wholeFiles } = this.#taker
    const pieces = this.#plan.pieces(volume.id)
    const leave = (others: Iterable<Piece>): void => addAll(volume.left, others)
    if (wholeFiles) volume.batches = fileBatches(pieces, wholeFiles, leave)
    else leave(pieces)
  }

  async #takePart(lane: UnpackLane, volume: SharedVolume): Promise<void> {
    if (!(await this.#open(lane, volume))) return
    // Files that share it need not wait then.
    await volume.firstOfAll(() => this.#blocks(lane, volume, blockBatches(this.#sharedWants(volume))))
    await volume.inFiles(() => this.#files(lane, volume))
    volume.blocks ??= blockBatches(wantsOf(volume.left))
    await this.#blocks(lane, volume, volume.blocks)
    volume.end()
    await lane.close()
  }

  /** False if there is nothing to take, or the volume cannot be read. */
  async #open(lane: UnpackLane, volume: SharedVolume): Promise<boolean> {
    const { passphrase } = this.#fetching
    try {
      const path = await volume.fetched
      if (volume.isOver) return false
      await lane.open({ path, name: this.#nameOf(volume), passphrase })
      volume.wasOpened = true
      return true
    } catch (error) {
      if (!costsOneVolume(error, { purpose: 'restore' })) throw error
      volume.refusal ??= error
      return false
    }
  }

  /** The last lane has gone. */
  async #leave(volume: SharedVolume): Promise<void> {
    const { refusal } = volume
    if (refusal && !volume.wasOpened && !volume.isOver) {
      this.#taker.warn(refusal.what)
      const wants = [...this.#sharedWants(volume), ...wantsOf(this.#plan.pieces(volume.id))]
      for (const want of wants) this.#elsewhere(want, volume.id, refusal)
      volume.end()
    }
    if (!volume.isOver) return
    const path = await volume.fetched.catch(() => undefined)
    if (path !== undefined && volume.forget()) this.#fetching.spool.remove(path)
  }

  #sharedWants({ id }: SharedVolume): Want[] {
    return wantsOf(this.#plan.sharedPieces(id))
  }

  #nameOf({ id }: SharedVolume): string {
    return this.#index.volumes.get(id)?.name ?? ''
  }

  /** Has the files written that can be written whole; the pieces of all others are left. */
  async #files(lane: UnpackLane, volume: SharedVolume): Promise<void> {
    const { wholeFiles: maker } = this.#taker
    const { batches, left } = volume
    if (!maker || !batches) return
    const ask = (batch: readonly ChosenFile[]): Promise<WholeFileReply> =>
      lane.files({ ...maker.order, files: batch.map(({ file }) => file) })
    for await (const [batch, reply] of askedAhead(batches, ask)) {
      for (const { path, reason } of reply.warnings) maker.warn(path, reason)
      for (const [at, outcome] of reply.outcomes.entries()) {
        const chosen = batch[at]
        if (chosen) maker.settle(chosen.file, chosen.itemId, outcome)
        if (chosen && outcome === 'blockless') addAll(left, chosen.pieces)
      }
      this.#throwIfOver()
    }
  }

  async #blocks(
    lane: UnpackLane,
    volume: SharedVolume,
    batches: Generator<Want[], undefined>,
  ): Promise<void> {
    const spare: ArrayBuffer[] = []
    const ask = (wants: readonly Want[]): Promise<UnpackedBlocks> =>
      lane.blocks(
        wants.map((want) => want.hash),
        spare.pop(),
      )
    for await (const [wants, { blocks, memory }] of askedAhead(batches, ask)) {
      this.#throwIfOver()
      for (const [at, block] of blocks.entries()) {
        const want = wants[at]
        if (!want) continue
        if (typeof block === 'string') {
          this.#isLiedTo ||= block === 'absent'
          this.#elsewhere(want, volume.id, faultyBlock(want.hash, block, this.#nameOf(volume)))
          continue
        }
        for (const piece of want.pieces) this.#taker.take(piece, block)
      }
      spare.push(memory)
    }
  }

  /** Another lane failed, or the run was stopped. */
  #throwIfOver(): void {
    throwIfAborted(this.#fetching.signal)
    if (this.#failures.length > 0) throw this.#failures[0]
  }

  #elsewhere(want: Want, volumeId: number, error: PullbackError): void {
    const key = want.hash.toString('latin1')
    const tried = this.#tried.get(key) ?? new Set()
    this.#tried.set(key, tried.add(volumeId))
    if (!this.#planAgain(want, (other) => !this.#done.has(other))) this.#missed.push({ want, error })
  }

  /** Plans the block from a volume that was not tried for it yet; false if there is none. */
  #planAgain(want: Want, isFree: (volumeId: number) => boolean): boolean {
    const tried = this.#tried.get(want.hash.toString('latin1'))
    const places = this.#index.blocks.places(want.hash)
    const other = places.find(({ volumeId }) => !tried?.has(volumeId) && isFree(volumeId))
    if (!other) return false
    // Fetched a second time, a volume is asked for nothing that it gave before.
    if (this.#done.delete(other.volumeId)) this.#plan.dropPieces(other.volumeId)
    for (const piece of want.pieces) this.#plan.addPiece(other.volumeId, piece)
    return true
  }

  /** When no lane is at any volume: only then may one that was begun be asked again. */
  async #findMissed(): Promise<void> {
    const missed = this.#missed.filter(({ want }) => !this.#planAgain(want, isAny))
    this.#missed = []
    // Every dblock has to be fetched for this: not for a block that is merely damaged.
    if (missed.length > 0 && this.#isLiedTo) await this.#lookEverywhere()
    for (const { want, error } of missed) {
      if (this.#planAgain(want, isAny)) continue
      for (const piece of want.pieces) this.#taker.miss(piece, error)
    }
  }
}

/** Each batch with its answer. One is always asked for ahead, so that the thread does not wait; no answer is left. */
async function* askedAhead<Batch, Answer>(
  batches: Generator<Batch, undefined>,
  ask: (batch: Batch) => Promise<Answer>,
): AsyncGenerator<[Batch, Answer]> {
  const begin = (): { batch: Batch; answer: Promise<Answer> } | undefined => {
    const next = batches.next()
    if (next.done) return undefined
    const answer = ask(next.value)
    // Looked at in its turn; until then a failure is not unhandled.
    answer.catch(() => undefined)
    return { batch: next.value, answer }
  }
  let asked = begin()
  let following: typeof asked
  try {
    while (asked) {
      following = begin()
      yield [asked.batch, await asked.answer]
      asked = following
    }
  } finally {
    // Whoever leaves early would end the thread in the middle of its work.
    await Promise.allSettled([asked?.answer, following?.answer])
  }
}

function isAny(): boolean {
  return true
}

function faultyBlock(hash: Buffer, fault: BlockFault, volume: string): PullbackError {
  return new PullbackError(fault === 'absent' ? 'BlockMissing' : 'BlockDamaged', {
    what: `block ${hash.toString('base64')} in ${volume} is ${fault === 'absent' ? 'not there' : 'damaged'}`,
    subject: volume,
  })
}

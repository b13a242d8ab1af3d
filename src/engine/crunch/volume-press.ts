// Turns new blocks into pairs of volumes on a few threads: hands out slabs to fill, chooses the volume each goes into,
// and closes a volume when it has its size. A second volume is only begun while the first thread has more than it can
// do, so that a small backup ends in one volume. Waits when too much is on its way: memory and spool stay bounded.
import { cancelled } from '../../base/abort.ts'
import { asError } from '../../base/errors.ts'
import { assert } from '../../base/assert.ts'
import { Budget } from '../../base/budget.ts'
import type { FinishedPair } from '../volumes/volume-pair-writer.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import { PressLane, type OpenPair } from './press-lane.ts'
import { maxSlabBlocks, Slab } from './slab.ts'

export interface PressOptions {
  readonly profile: VolumeProfile
  readonly dblockSizeBytes: number
  readonly threads: number
  /** Pairs that may be open, or finished and not yet sent, at once. */
  readonly maxPairs: number
  /** Draws names and makes the volume known to the index. */
  readonly beginPair: () => OpenPair
  /** A pair that nothing went into: the index may forget it. */
  readonly dropPair: (open: OpenPair) => void
  /** A pair is complete in the spool; the promise settles when it is at the destination and its files are gone. */
  readonly sendPair: (open: OpenPair, pair: FinishedPair) => Promise<void>
}

/** Blocks are gathered up to this much before they cross to a thread: large enough that the crossing (about 30 µs) is
 * under 2 % of the work on them, small enough to keep both threads busy on a small backup. */
const slabBytes = 1 << 20
/** Sent to threads and not yet written, in all. */
const maxPendingBytes = 8 << 20
/**
 * Blocks in a volume, whatever its size: its directory is held in memory by whoever writes or reads it, at some 300
 * bytes a block, by each thread. The smallest files of all, each with its metadata, still make volumes of some 20 MB.
 */
const maxVolumeBlocks = 49_152
/** Another volume is begun when every open lane has this much before it. */
const busyBytes = 2 << 20

export class VolumePress {
  readonly #options: PressOptions
  readonly #lanes: PressLane[] = []
  readonly #memory: ArrayBuffer[] = []
  readonly #slabSize: number
  readonly #pairs: Budget
  readonly #sending = new Set<Promise<void>>()
  #slab: Slab | undefined
  #slabLane: PressLane | undefined
  #failure: Error | undefined
  #wake: (() => void) | undefined

  constructor(options: PressOptions) {
    this.#options = options
    this.#slabSize = Math.max(slabBytes, options.profile.blocksize)
    this.#pairs = new Budget(options.maxPairs)
  }

  /** The slab being filled, if one is there. */
  get slab(): Slab | undefined {
    return this.#slab
  }

  /** Sends the slab being filled on its way and gives an empty one. */
  async nextSlab(signal: AbortSignal): Promise<Slab> {
    this.#sendSlab()
    while (this.#pendingBytes() >= maxPendingBytes) await this.#change(signal)
    const lane = await this.#chooseLane(signal)
    this.#throwIfFailed()
    const open = lane.openPair
    assert(open, 'a chosen lane has a pair open')
    this.#slabLane = lane
    this.#slab = new Slab(this.#memory.pop() ?? new ArrayBuffer(this.#slabSize), open.dblockId)
    return this.#slab
  }

  /** Closes every volume and waits until all of them are at the destination. */
  async finish(signal: AbortSignal): Promise<void> {
    this.#sendSlab()
    for (const lane of this.#lanes) lane.close()
    while (this.#lanes.some((lane) => lane.isClosing) || this.#sending.size > 0) await this.#change(signal)
    if (this.#failure) throw this.#failure
  }

  /** Ends the threads, whatever they are doing, and waits for what is being sent to end. */
  async end(): Promise<void> {
    this.#failure ??= new Error('the press has ended')
    await Promise.all(this.#lanes.map((lane) => lane.end()))
    await Promise.allSettled(this.#sending)
  }

  #sendSlab(): void {
    if (this.#slab && !this.#slab.isEmpty) this.#slabLane?.send(this.#slab)
    this.#slab = undefined
  }

  #pendingBytes(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.pendingBytes, 0)
  }

  async #chooseLane(signal: AbortSignal): Promise<PressLane> {
    for (const lane of this.#lanes) {
      const isFull = lane.expectedVolumeBytes + this.#slabSize > this.#options.dblockSizeBytes
      if (isFull || lane.volumeBlocks + maxSlabBlocks > maxVolumeBlocks) lane.close()
    }
    const open = this.#lanes.filter((lane) => lane.openPair)
    const calmest = leastBusy(open)
    if (calmest && (calmest.pendingBytes < busyBytes || !this.#mayOpenAnother())) return calmest
    const lane = leastBusy(this.#lanes.filter((one) => !one.openPair && !one.isClosing)) ?? this.#newLane()
    const target = lane ?? leastBusy(this.#lanes.filter((one) => !one.openPair))
    assert(target, 'there is a lane without an open pair when no lane has one')
    while (this.#pairs.free < 1) await this.#change(signal)
    await this.#pairs.take(1, signal)
    target.open(this.#options.beginPair(), this.#options.profile)
    return target
  }

  #mayOpenAnother(): boolean {
    const idle = this.#lanes.some((lane) => !lane.openPair && !lane.isClosing)
    return (idle || this.#lanes.length < this.#options.threads) && this.#pairs.free > 0
  }

  #newLane(): PressLane | undefined {
    if (this.#lanes.length >= this.#options.threads) return undefined
    const lane = new PressLane({
      onWritten: (memory) => {
        this.#memory.push(memory)
        this.#notify()
      },
      onUnused: (open) => {
        this.#options.dropPair(open)
        this.#pairs.give(1)
      },
      onFinished: (open, pair) => this.#send(open, pair),
      onFailed: (error) => this.#fail(error),
    })
    this.#lanes.push(lane)
    return lane
  }

  #send(open: OpenPair, pair: FinishedPair): void {
    const sending = this.#options
      .sendPair(open, pair)
      .catch((error: unknown) => this.#fail(asError(error)))
      .finally(() => {
        this.#pairs.give(1)
        this.#sending.delete(sending)
        this.#notify()
      })
    this.#sending.add(sending)
    this.#notify()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#notify()
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  /** Waits until something moved: a slab written, a pair finished or sent, a failure. */
  async #change(signal: AbortSignal): Promise<void> {
    this.#throwIfFailed()
    const moved = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    const onAbort = (): void => this.#notify()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (!signal.aborted) await moved
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    if (signal.aborted) throw cancelled()
    this.#throwIfFailed()
  }

  #throwIfFailed(): void {
    if (this.#failure) throw this.#failure
  }
}

function leastBusy(lanes: readonly PressLane[]): PressLane | undefined {
  let best: PressLane | undefined
  for (const lane of lanes) if (!best || lane.pendingBytes < best.pendingBytes) best = lane
  return best
}

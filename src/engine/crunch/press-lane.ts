// One press thread as the engine sees it: the pair of volumes it has open, and how much lies before it.
import { unpackError } from '../../base/error-transfer.ts'
import { asError } from '../../base/errors.ts'
import type { FinishedPair, PairNames } from '../volumes/volume-pair-writer.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { PressReply, PressRequest } from './press-messages.ts'
import type { Slab } from './slab.ts'
import { Thread } from './thread.ts'

export interface OpenPair {
  readonly names: PairNames
  readonly dblockId: number
}

export interface LaneEvents {
  readonly onWritten: (memory: ArrayBuffer) => void
  readonly onUnused: (open: OpenPair) => void
  readonly onFinished: (open: OpenPair, pair: FinishedPair) => void
  readonly onFailed: (error: Error) => void
}

export class PressLane {
  #thread: Thread | undefined
  readonly #events: LaneEvents
  /** Slabs on their way, oldest first, by their bytes. */
  readonly #pending: number[] = []
  /** Pairs that are being closed, oldest first. */
  readonly #closing: OpenPair[] = []
  #open: OpenPair | undefined
  /** Until the first block goes into it, an open pair exists in name only. */
  #unsaid: PressRequest | undefined
  #pendingBytes = 0
  #takenBytes = 0
  #volumeBytes = 0
  #volumeBlocks = 0

  constructor(events: LaneEvents) {
    this.#events = events
  }

  get openPair(): OpenPair | undefined {
    return this.#open
  }

  get isClosing(): boolean {
    return this.#closing.length > 0
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** What the open volume will have grown to when all that was sent is in it, as its ratio so far lets expect. */
  get expectedVolumeBytes(): number {
    const written = this.#takenBytes - this.#pendingBytes
    const ratio = written > 0 ? Math.min(1, this.#volumeBytes / written) : 1
    return this.#volumeBytes + this.#pendingBytes * ratio
  }

  /** Of the open volume, those on their way among them. */
  get volumeBlocks(): number {
    return this.#volumeBlocks
  }

  open(pair: OpenPair, profile: VolumeProfile): void {
    this.#open = pair
    this.#takenBytes = 0
    this.#volumeBytes = 0
    this.#volumeBlocks = 0
    this.#unsaid = { kind: 'open', names: pair.names, profile }
  }

  send(slab: Slab): void {
    if (this.#unsaid) this.#say(this.#unsaid)
    this.#unsaid = undefined
    const { request, transfer } = slab.message()
    this.#pending.push(slab.usedBytes)
    this.#pendingBytes += slab.usedBytes
    this.#takenBytes += slab.usedBytes
    this.#volumeBlocks += slab.blockCount
    this.#say(request, transfer)
  }

  /** Ends the open pair; one that nothing went into is given back as if it had never been. */
  close(): void {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    if (this.#unsaid) {
      this.#unsaid = undefined
      this.#events.onUnused(open)
      return
    }
    this.#closing.push(open)
    this.#say({ kind: 'close' })
  }

  async end(): Promise<void> {
    await this.#thread?.end()
  }

  #say(request: PressRequest, transfer: ArrayBuffer[] = []): void {
    this.#thread ??= this.#startThread()
    this.#thread.worker.postMessage(request, transfer)
  }

  #startThread(): Thread {
    const { onFailed } = this.#events
    const thread = new Thread(new URL('./press-worker.ts', import.meta.url))
    const { worker } = thread
    worker.on('message', (reply: PressReply) => this.#onReply(reply))
    worker.on('error', (error) => onFailed(asError(error)))
    worker.on('messageerror', (error) => onFailed(error))
    // Whoever waits for an answer would wait for ever. When the lane was ended, nobody does.
    worker.on('exit', () => onFailed(new Error('the press thread ended')))
    return thread
  }

  #onReply(reply: PressReply): void {
    switch (reply.kind) {
      case 'written':
        this.#pendingBytes -= this.#pending.shift() ?? 0
        if (!this.isClosing) this.#volumeBytes = reply.volumeBytes
        this.#events.onWritten(reply.slab)
        return
      case 'finished': {
        const pair = this.#closing.shift()
        if (pair) this.#events.onFinished(pair, reply.pair)
        return
      }
      case 'failed':
        this.#events.onFailed(unpackError(reply.error))
    }
  }
}

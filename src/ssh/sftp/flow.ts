// How much may be asked for at once on one connection. Two bounds. What is on the line: twice what fits on it, by the
// speed and the round trip seen; less leaves the line idle, more only piles up in the server (measured with OpenSSH
// 9.2 without delay: 16 MiB asked for at once 60 MiB/s, 1 MiB 400 MiB/s). And what is read ahead of a slow
// reader, which is memory.
import { neverAborted } from '../../base/abort.ts'
import { Budget } from '../../base/budget.ts'
import type { Clock } from '../../base/clock.ts'

/** 32 MiB keep 800 MB/s busy at 20 ms of round trip, and 80 MB/s at 200 ms. */
const mostOnLineBytes = 32 << 20
/** Four long requests: enough without delay, and little enough for a slow line. */
const leastOnLineBytes = 2 << 20
const mostAheadBytes = 32 << 20
/** What is asked for, over what fits on the line: as long as more brings more, and when it no longer does. */
const whileGrowing = 2
const onceFull = 1.25
/** Arrivals are counted at least so long before a speed is taken from them. */
const leastSampleMs = 25

interface FlowOptions {
  readonly clock: Clock
  /** The shortest time in which the server has answered anything so far. */
  readonly roundTripMs: () => number
}

export class Flow {
  readonly #clock: Clock
  readonly #roundTripMs: () => number
  readonly #line = new Budget(mostOnLineBytes)
  #allowedBytes = mostOnLineBytes
  #sampleFromMs = 0
  #sampleBytes = 0
  #bestBytesPerMs = 0
  #aheadBytes = 0

  constructor({ clock, roundTripMs }: FlowOptions) {
    this.#clock = clock
    this.#roundTripMs = roundTripMs
    this.#allow(leastOnLineBytes)
  }

  /** What may be on the line now. */
  get allowedBytes(): number {
    return this.#allowedBytes
  }

  /** Waits until `bytes` may be asked for. Returns what to give to `arrived`, whatever becomes of the request. */
  take(bytes: number, signal: AbortSignal): Promise<number> {
    if (this.#line.free === this.#allowedBytes) this.#startSample()
    return this.#line.take(bytes, signal)
  }

  /** The answer is there, or will never come. */
  arrived(taken: number): void {
    this.#line.give(taken)
    this.#sampleBytes += taken
    const elapsedMs = this.#clock.monotonicMs() - this.#sampleFromMs
    const roundTripMs = this.#roundTripMs()
    if (elapsedMs < Math.max(leastSampleMs, 1.5 * roundTripMs)) return
    const bytesPerMs = this.#sampleBytes / elapsedMs
    const factor = bytesPerMs > this.#bestBytesPerMs ? whileGrowing : onceFull
    this.#bestBytesPerMs = Math.max(bytesPerMs, this.#bestBytesPerMs * 0.95)
    // Never down at once: one slow moment says little.
    this.#allow(Math.max(factor * bytesPerMs * roundTripMs, 0.8 * this.#allowedBytes))
    this.#startSample()
  }

  /** Takes memory for reading ahead if there is any; never waits, so that readers cannot block each other. */
  tryHold(bytes: number): boolean {
    if (this.#aheadBytes + bytes > mostAheadBytes) return false
    this.hold(bytes)
    return true
  }

  /** Takes memory even if there is none: for the one request without which a reader would stand still. */
  hold(bytes: number): void {
    this.#aheadBytes += bytes
  }

  release(bytes: number): void {
    this.#aheadBytes -= bytes
  }

  #startSample(): void {
    this.#sampleFromMs = this.#clock.monotonicMs()
    this.#sampleBytes = 0
  }

  /** The part of the budget that is not allowed now is held back: taken here, and by nobody else. */
  #allow(bytes: number): void {
    const wanted = Math.floor(Math.min(mostOnLineBytes, Math.max(leastOnLineBytes, bytes)))
    const less = this.#allowedBytes - wanted
    if (less < 0) this.#line.give(-less)
    else if (less > this.#line.free) return
    else if (less > 0) void this.#line.take(less, neverAborted())
    this.#allowedBytes = wanted
  }
}

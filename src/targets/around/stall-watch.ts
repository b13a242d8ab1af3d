// The stall timer of one try of a call. While the destination is what we wait for, something has to move every minute;
// else the try is given up: its signal fires, and whoever waits for it goes on without it, even if it never answers.
import type { Clock } from '../../base/clock.ts'
import { PullbackError } from '../../base/errors.ts'
import type { Pause } from '../../base/pause.ts'

/** 60 s without a byte: a line that only pauses (a roaming laptop, a disk spinning up) is back long before. */
export const stallMs = 60_000

interface Watched {
  readonly clock: Clock
  readonly pause: Pause
  /** The caller's. */
  readonly signal: AbortSignal
  /** What is waited for, for people: "put duplicati-b1.dblock.zip". */
  readonly call: string
  readonly limitMs?: number
}

export class StallWatch {
  /** Fires with the caller's signal, and when the destination has stalled. */
  readonly signal: AbortSignal
  readonly #watched: Watched
  readonly #limitMs: number
  readonly #giveUp = new AbortController()
  readonly #over = new AbortController()
  readonly #stall = Promise.withResolvers<never>()
  #stalled: PullbackError | undefined
  #dueMs = 0

  constructor(watched: Watched) {
    this.#watched = watched
    this.#limitMs = watched.limitMs ?? stallMs
    this.signal = AbortSignal.any([watched.signal, this.#giveUp.signal])
    this.#stall.promise.catch(() => undefined)
    this.moved()
    this.#keep().catch((error: unknown) => this.#stall.reject(error))
  }

  /** A byte or an entry came or went; the next one has `limitMs` to do so. */
  moved(limitMs = this.#limitMs): void {
    this.#dueMs = this.#watched.clock.monotonicMs() + limitMs
  }

  /** What follows is not the destination's to hasten, until something has `moved` again. */
  rest(): void {
    this.#dueMs = Number.POSITIVE_INFINITY
  }

  /** Settles as `work` does, or fails with `DestinationFailed` as soon as the destination has stalled. */
  guard<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stall.promise])
  }

  /** Why the try ended: the stall, if it was given up for that, else the error it ended with. */
  reason(error: unknown): unknown {
    return this.#stalled ?? error
  }

  /** To be called when the try is over, whatever became of it. */
  end(): void {
    this.#over.abort()
  }

  async #keep(): Promise<void> {
    const { clock, pause, call } = this.#watched
    const { signal } = this.#over
    for (;;) {
      const leftMs = this.#dueMs - clock.monotonicMs()
      if (leftMs <= 0) break
      try {
        await pause(Math.min(leftMs, this.#limitMs), signal)
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
    }
    this.#stalled = new PullbackError('DestinationFailed', {
      what: `the destination did nothing for ${Math.round(this.#limitMs / 1000)} s (${call})`,
    })
    this.#stall.reject(this.#stalled)
    this.#giveUp.abort()
  }
}

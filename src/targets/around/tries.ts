// How often a call to a destination is tried, and how long is waited in between: exponentially longer, with chance in
// it, so that many uploads that failed together do not come back together.
import type { Clock } from '../../base/clock.ts'
import { isPullbackError } from '../../base/errors.ts'
import type { Pause } from '../../base/pause.ts'
import type { Randomness } from '../../base/randomness.ts'

/** Duplicati's number. */
const defaultRetries = 5
const defaultFirstWaitMs = 1000
const longestWaitMs = 60_000
/** For one object, waits and tries together: what is not back by then needs a person. */
export const patienceMs = 15 * 60_000

export interface TryOptions {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly pause: Pause
  /** Tries after the first. */
  readonly retries?: number
  /** Before the first retry; doubled before each next. */
  readonly firstWaitMs?: number
  /** Told which try a wait comes before, and undefined when the wait is over. */
  readonly onWait?: (nextTry: number | undefined) => void
}

export class Tries {
  /** Which try this is, from 1. */
  number = 1
  /** Set to false when the reason of the failure lies on our side. */
  mayHelp = true
  readonly #options: TryOptions
  readonly #startMs: number

  constructor(options: TryOptions) {
    this.#options = options
    this.#startMs = options.clock.monotonicMs()
  }

  /** Waits for the next try; fails with `error` itself when there is none, and with `Cancelled`. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, pause, onWait, retries = defaultRetries } = this.#options
    const waitMs = this.#waitMs()
    const spentMs = clock.monotonicMs() - this.#startMs
    const isLate = this.number > 1 && spentMs + waitMs > patienceMs
    if (!this.mayHelp || !isPassing(error) || this.number > retries || isLate) throw error
    this.number += 1
    onWait?.(this.number)
    try {
      await pause(waitMs, signal)
    } finally {
      onWait?.(undefined)
    }
  }

  /** From half to all of the exponential wait. */
  #waitMs(): number {
    const { randomness, firstWaitMs = defaultFirstWaitMs } = this.#options
    const fullMs = Math.min(firstWaitMs * 2 ** (this.number - 1), Math.max(longestWaitMs, firstWaitMs))
    return (fullMs / 2) * (1 + randomness.bytes(4).readUInt32LE() / 2 ** 32)
  }
}

function isPassing(error: unknown): boolean {
  return isPullbackError(error) && error.kind === 'destination' && error.retry === 'later'
}

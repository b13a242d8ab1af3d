// Lets the rest of the program breathe. Files of this machine and the index are worked on in synchronous calls, because
// asynchronous ones cost three to five times the processor time per small file (measured); between them, timers,
// signals and the network get a turn.
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from './abort.ts'
import type { Clock } from './clock.ts'

/** How long work may go on without a pause: short enough for Ctrl-C and a connection beside it. */
const stretchMs = 5

export class Breather {
  readonly #clock: Clock
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
  }

  /** True when it is time to `pause`; asked first because even a wait for nothing costs more than a small read. */
  get isDue(): boolean {
    return this.#clock.monotonicMs() - this.#sinceMs >= stretchMs
  }

  /** One turn for all others. Fails with `Cancelled` if one of them fired the signal. */
  async pause(signal: AbortSignal): Promise<void> {
    await setImmediate()
    this.#sinceMs = this.#clock.monotonicMs()
    throwIfAborted(signal)
  }
}

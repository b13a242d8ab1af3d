// A clock that is moved by waiting on it: a pause is over as soon as nothing else is going on, and the time it would
// have taken has then passed.
import { cancelled } from '../../src/base/abort.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { Pause } from '../../src/base/pause.ts'

interface Waiting {
  readonly pauseMs: number
  readonly dueMs: number
  readonly settle: () => void
}

/** Turns of the event loop in which nothing may have come of what else is going on. */
const quietTurns = 3

export class TestTime implements Clock {
  /** The length of every pause that was begun, in milliseconds. */
  readonly pauses: number[] = []
  readonly #startMs: number
  readonly #passes: (pauseMs: number) => boolean
  readonly #waiting = new Set<Waiting>()
  #elapsedMs = 0
  #isTurning = false

  /** `passes` tells which pauses may be over now; the others are asked for again later. */
  constructor(options: { readonly startMs?: number; readonly passes?: (pauseMs: number) => boolean } = {}) {
    this.#startMs = options.startMs ?? Date.now()
    this.#passes = options.passes ?? (() => true)
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  readonly pause: Pause = (pauseMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled())
      const onAbort = (): void => {
        this.#waiting.delete(waiting)
        reject(cancelled())
      }
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting = { pauseMs, dueMs: this.#elapsedMs + pauseMs, settle }
      signal.addEventListener('abort', onAbort, { once: true })
      this.pauses.push(pauseMs)
      this.#waiting.add(waiting)
      this.#turn(quietTurns)
    })

  #turn(turns: number): void {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => {
      this.#isTurning = false
      if (turns > 0) return this.#turn(turns - 1)
      const due = [...this.#waiting].filter(({ pauseMs }) => this.#passes(pauseMs))
      const [first] = due.sort((a, b) => a.dueMs - b.dueMs)
      if (first) {
        this.#elapsedMs = Math.max(this.#elapsedMs, first.dueMs)
        this.#waiting.delete(first)
        first.settle()
      }
      if (this.#waiting.size > 0) this.#turn(quietTurns)
    })
  }
}

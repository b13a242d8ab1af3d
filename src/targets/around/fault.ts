// What can go wrong at a destination, as plain data: which call it happens to, and what happens. A test writes a
// list of these, or draws one from a seed and prints it; the same list always gives the same faults.
import type { ErrorCode } from '../../base/error-catalogue.ts'
import type { TargetFile } from '../target.ts'

export type Verb = 'open' | 'list' | 'stat' | 'put' | 'get' | 'delete' | 'space' | 'sweep'

/**
 * `before` the destination heard of the call; in the `middle` of the bytes or entries, where a verb has them (else
 * as before); `after` the whole effect happened, though the caller does not learn it.
 */
export type Moment = 'before' | 'middle' | 'after'

interface Occasion {
  readonly verb: Verb
  /** Only calls with a name that holds this text. */
  readonly nameHolds?: string
  /** Only the so-manieth of these calls, counted from 1; without it every one. */
  readonly nth?: number
}

type Effect =
  | { readonly effect: 'error'; readonly at: Moment; readonly code: ErrorCode }
  /** No answer until the call is aborted. */
  | { readonly effect: 'hang'; readonly at: Moment }
  | { readonly effect: 'slow'; readonly delayMs: number }
  /** Without an error, `get` ends early, or `put` stores only the beginning and calls it done. */
  | { readonly effect: 'truncate'; readonly verb: 'get' | 'put'; readonly keepShare: number }
  /** Without an error, `get` gives or `put` stores one wrong byte; its place is a share of the length. */
  | { readonly effect: 'wrong-byte'; readonly verb: 'get' | 'put'; readonly atShare: number }
  /** Without an error, only the first share of the entries. */
  | { readonly effect: 'short-list'; readonly verb: 'list'; readonly keepShare: number }
  /** Without an error, what somebody saw at another time. */
  | { readonly effect: 'stale-list'; readonly verb: 'list'; readonly files: readonly TargetFile[] }
  /** The destination hears of the call twice, and answers the second; a list names everything twice. */
  | { readonly effect: 'twice'; readonly verb: 'list' | 'put' | 'delete' }

export type Fault = Occasion & Effect

/** Which of the faults strikes the next call; counts the calls. */
export class FaultScript {
  readonly #faults: readonly { readonly fault: Fault; calls: number; struck: boolean }[]

  constructor(faults: readonly Fault[]) {
    this.#faults = faults.map((fault) => ({ fault, calls: 0, struck: false }))
  }

  /** The first fault that is due for this call, which is counted for all. */
  next(verb: Verb, name?: string): Fault | undefined {
    let due: Fault | undefined
    for (const entry of this.#faults) {
      const { verb: itsVerb, nameHolds, nth } = entry.fault
      if (itsVerb !== verb || (nameHolds !== undefined && name?.includes(nameHolds) !== true)) continue
      entry.calls += 1
      if (due || (nth !== undefined && nth !== entry.calls)) continue
      due = entry.fault
      entry.struck = true
    }
    return due
  }

  /** Faults that never struck: a test that finds any has not tested what it says. */
  get unused(): readonly Fault[] {
    return this.#faults.filter((entry) => !entry.struck).map((entry) => entry.fault)
  }
}

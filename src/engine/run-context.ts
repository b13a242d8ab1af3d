// What every run is handed from outside, whatever it does.
import type { Clock } from '../base/clock.ts'
import type { Randomness } from '../base/randomness.ts'
import type { Progress } from './progress.ts'

export interface RunContext {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly progress: Progress
  /** Asks the run to end. A backup then makes a partial version of what it has; all else ends with `Cancelled`. */
  readonly signal: AbortSignal
  /** Ends also what a run does to end in order. */
  readonly giveUp: AbortSignal
}

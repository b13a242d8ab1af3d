// What every run is handed from outside, whatever it does.
import type { Clock } from '../base/clock.ts'
import type { Randomness } from '../base/randomness.ts'
import type { Progress } from './progress.ts'

export interface RunContext {
  readonly clock: Clock
  readonly randomness: Randomness
  readonly progress: Progress
  readonly signal: AbortSignal
}

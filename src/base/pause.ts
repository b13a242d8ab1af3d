// Waiting for a while, on purpose: handed in like the clock, so that tests wait for nothing.
import { setTimeout as wait } from 'node:timers/promises'
import { cancelled } from './abort.ts'

/** Waits so many milliseconds; fails with `Cancelled` as soon as the signal fires. */
export type Pause = (pauseMs: number, signal: AbortSignal) => Promise<void>

export const pause: Pause = async (pauseMs, signal) => {
  try {
    await wait(pauseMs, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? cancelled() : error
  }
}

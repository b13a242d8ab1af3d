// Waiting for a while, on purpose.
import { setTimeout as wait } from 'node:timers/promises'
import { cancelled } from '../base/abort.ts'

/** Fails with `Cancelled` as soon as the signal fires. */
export async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(pauseMs, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? cancelled() : error
  }
}

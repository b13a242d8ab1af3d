// Waiting that can be given up. For work whose own end is watched elsewhere (every request to a server has its time
// limit there), so that no second timer is needed here.
import { cancelled } from '../base/abort.ts'

/**
 * Settles as `work` does, or fails with `Cancelled` as soon as the signal fires. The work is not stopped by this: it
 * must see the signal itself and give back what it holds.
 */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined)
    throw cancelled()
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(cancelled())
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

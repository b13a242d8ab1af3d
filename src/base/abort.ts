// Stopping and time limits. Every wait in Pullback takes an AbortSignal and has an end; these are the two shapes.
import { PullbackError } from './errors.ts'

/** Throws `Cancelled` if the signal has fired. For loops that do not wait on anything. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled()
}

/** The error that every aborted wait ends in. */
export function cancelled(): PullbackError {
  return new PullbackError('Cancelled', { what: 'the run was stopped' })
}

interface Limits {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Made only when the time is over. */
  readonly onTimeout: () => Error
}

/**
 * Settles as `work` does, or fails with `Cancelled` when the signal fires, or with `onTimeout()` when the time is over.
 * The work itself is not stopped by this: whoever started it must give up what it holds.
 */
export async function within<T>(work: Promise<T>, limits: Limits): Promise<T> {
  const { signal, timeoutMs, onTimeout } = limits
  if (signal.aborted) {
    work.catch(() => undefined)
    throw cancelled()
  }
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout()), timeoutMs)
    onAbort = () => reject(cancelled())
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}

/** A signal that never fires, for callers that cannot be stopped. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal
}

// A stream of somebody else's, made to end when the signal fires even if that somebody never answers again.
import { cancelled, throwIfAborted } from '../base/abort.ts'

/**
 * Gives the items of `items` until they end, or fails with `Cancelled` as soon as the signal fires. The stream is
 * closed when its reader leaves early; one that is still being waited for is told to close, and not waited for.
 */
export async function* untilAborted<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  throwIfAborted(signal)
  const iterator = items[Symbol.asyncIterator]()
  let state: 'waiting' | 'idle' | 'ended' = 'idle'
  let giveUp: ((reason: Error) => void) | undefined
  const onAbort = (): void => giveUp?.(cancelled())
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      throwIfAborted(signal)
      state = 'waiting'
      const step = await new Promise<IteratorResult<T>>((resolve, reject) => {
        giveUp = reject
        iterator.next().then(resolve, (error: unknown) => {
          state = 'ended'
          reject(error)
        })
      })
      state = step.done === true ? 'ended' : 'idle'
      if (step.done === true) return
      yield step.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    const closed = state === 'ended' ? undefined : iterator.return?.()
    // A generator that waits for something answers `return` only after that; what it says then reaches nobody.
    if (state === 'waiting') closed?.catch(() => undefined)
    else await closed
  }
}

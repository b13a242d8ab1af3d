// Stops a run in the middle, at a place that does not depend on time.
import { Progress } from '../../src/engine/progress.ts'

/** Fires its signal when so many entries are dealt with. */
export function stopAfter(entries: number): { readonly progress: Progress; readonly signal: AbortSignal } {
  const stop = new AbortController()
  const progress = new Progress()
  let done = 0
  Object.defineProperty(progress, 'filesDone', {
    get: () => done,
    set: (next: number) => {
      done = next
      if (next >= entries) stop.abort()
    },
  })
  return { progress, signal: stop.signal }
}

// Ctrl-C and a request to end: the first stops the run in order, a second one ends the process at once.

/** As a shell reports a process that ended by SIGINT. */
const killedCode = 130

/** Fires when the process is asked to stop; `say` gets a sentence for the person who asked. */
export function stopOnSignals(say: (sentence: string) => void): AbortSignal {
  const stop = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(killedCode)
    say('\nStopping. What was stored already is kept for the next run; once more ends at once.\n')
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stop.signal
}

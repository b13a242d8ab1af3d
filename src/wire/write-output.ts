// Standard output as a place for bytes: one piece at a time, the next when the last one was taken.
import { within } from '../base/abort.ts'
import { PullbackError, systemCode } from '../base/errors.ts'

/** An hour: a person may look at what comes page by page. */
const patienceMs = 3_600_000

/** Fails with `OutputFailed` if nobody reads, or what it leads to takes no more. */
export function writeTo(
  stdout: NodeJS.WriteStream,
  signal: AbortSignal,
): (bytes: Uint8Array) => Promise<void> {
  return (bytes) => {
    const written = new Promise<void>((resolve, reject) => {
      stdout.write(bytes, (error) => (error ? reject(outputFailed(error)) : resolve()))
    })
    return within(written, { signal, timeoutMs: patienceMs, onTimeout: () => outputFailed() })
  }
}

function outputFailed(cause?: Error): PullbackError {
  const code = systemCode(cause)
  const nobody = cause === undefined || code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED'
  const why = nobody ? 'nobody reads it any more' : (code ?? 'it broke')
  return new PullbackError('OutputFailed', { what: `standard output could not be written: ${why}`, cause })
}

// Calls on the files of the spool: whatever the operating system says comes out as an operating error.
import { PullbackError, systemCode } from '../../base/errors.ts'

/** Runs a call on a file of the spool and names the trouble if it fails. */
export function spoolCall<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw spoolTrouble(path, error)
  }
}

/** The same for a call that is waited for. */
export async function spoolWork<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw spoolTrouble(path, error)
  }
}

function spoolTrouble(path: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined) return error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PullbackError('SpoolFull', {
      what: `no space is left for temporary files (${path})`,
      subject: path,
      cause: error,
    })
  }
  return new PullbackError('LocalDiskFailed', {
    what: `a temporary file could not be used: ${path} (${code})`,
    subject: path,
    cause: error,
  })
}

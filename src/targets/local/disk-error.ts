// What the operating system says about a folder of this machine, translated into the errors of the port.
import type { ErrorCode } from '../../base/error-catalogue.ts'
import { messageOf, PullbackError, systemCode } from '../../base/errors.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'DestinationFull',
  EDQUOT: 'DestinationFull',
  EACCES: 'DestinationPermission',
  EPERM: 'DestinationPermission',
  EROFS: 'DestinationPermission',
  // Where the absence of a file is an answer, it was caught before; here it is the folder that is not there.
  ENOENT: 'DestinationMissing',
  ENOTDIR: 'DestinationMissing',
}

/** Settles as `work` does; an error of it becomes a PullbackError that says `what` failed at `path`. */
export async function onDisk<T>(work: Promise<T>, what: string, path: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw diskError(error, what, path)
  }
}

/** The error of the port for one of Node's file system errors; `what` is a sentence like "cannot write". */
export function diskError(error: unknown, what: string, path: string): PullbackError {
  return new PullbackError(codes[systemCode(error) ?? ''] ?? 'DestinationFailed', {
    what: `${what} ${path}: ${messageOf(error)}`,
    subject: path,
    cause: error,
  })
}

/** Settles as `work` does, but with undefined when it fails with one of the named system codes. */
export async function unless<T>(work: Promise<T>, ...expected: string[]): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!expected.includes(systemCode(error) ?? '')) throw error
    return undefined
  }
}

// What goes wrong on a machine that files are restored onto, in words.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { showPath } from '../../base/entry-path.ts'
import { refusal, SftpRefusal } from '../../ssh/sftp/reply.ts'

/** A refusal that concerns one entry, and the loss of the machine in the sense of a restore; the rest as it is. */
export function placeError(path: Buffer, error: unknown): unknown {
  if (isPullbackError(error) && error.kind === 'source-gone') {
    return new PullbackError(error.code, {
      what: error.what,
      meaning: 'Files that were restored before are whole; nothing half written has its name.',
      advice:
        error.code === 'ConnectionLost'
          ? 'Run again: what is there already is not written twice.'
          : error.advice,
      cause: error,
      ...(error.subject === undefined ? {} : { subject: error.subject }),
    })
  }
  if (!(error instanceof SftpRefusal)) return error
  return notPlaced(path, reasonOf(error), error)
}

export function notPlaced(path: Buffer, reason: string, cause?: unknown): PullbackError {
  const subject = showPath(path)
  return new PullbackError('RestoreTargetFailed', {
    what: `${subject} could not be written: ${reason}`,
    subject,
    cause,
  })
}

/** SFTP has no word for a full disk: a file that was opened and takes no bytes is the sign of one. */
export function takesNoBytes(path: Buffer, cause: SftpRefusal): PullbackError {
  const subject = showPath(path)
  return new PullbackError('RestoreTargetFull', {
    what: `the machine takes no more bytes (${subject}): ${reasonOf(cause)}`,
    subject,
    cause,
  })
}

export function reasonOf(error: SftpRefusal): string {
  return error.status === refusal.forbidden ? 'permission denied' : `the server says: ${error.message}`
}

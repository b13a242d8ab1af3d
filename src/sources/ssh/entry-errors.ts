// What a server's refusal means for one entry of a source.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { refusal, SftpRefusal } from '../../ssh/sftp/reply.ts'
import { showPath } from '../../base/entry-path.ts'

/** The error for one file or link; anything but a refusal is passed on as it is. */
export function entryError(path: Buffer, error: unknown): unknown {
  if (!(error instanceof SftpRefusal)) return error
  if (error.status === refusal.missing) return vanished(path, 'is gone', error)
  const subject = showPath(path)
  const what = `${subject} cannot be read: ${reasonOf(error)}`
  return new PullbackError('EntryUnreadable', { what, subject, cause: error })
}

/** The error for a folder that cannot be listed. Throws anything that concerns more than this folder. */
export function folderError(path: Buffer, error: unknown): PullbackError {
  if (isPullbackError(error, 'FolderUnreadable')) return error
  if (!(error instanceof SftpRefusal)) throw error
  if (error.status === refusal.missing) return vanished(path, 'is gone', error)
  const subject = showPath(path)
  const what = `the folder ${subject} cannot be listed: ${reasonOf(error)}`
  return new PullbackError('FolderUnreadable', { what, subject, cause: error })
}

/** The error for a root that was refused, `root` as people know it; anything but a refusal is passed on as it is. */
export function rootError(root: string, error: unknown): unknown {
  if (!(error instanceof SftpRefusal)) return error
  if (error.status === refusal.missing) {
    return new PullbackError('SourceMissing', { what: `${root} does not exist`, subject: root, cause: error })
  }
  const what = `${root} cannot be read: ${reasonOf(error)}`
  return new PullbackError('SourceUnreadable', { what, subject: root, cause: error })
}

export function vanished(path: Buffer, what: string, cause?: unknown): PullbackError {
  const subject = showPath(path)
  return new PullbackError('EntryVanished', { what: `${subject} ${what}`, subject, cause })
}

function reasonOf(error: SftpRefusal): string {
  return error.status === refusal.forbidden ? 'permission denied' : `the server says: ${error.message}`
}

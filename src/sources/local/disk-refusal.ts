// What a refusal of the operating system means for one entry, one folder, or the whole source.
import { messageOf, PullbackError, systemCode } from '../../base/errors.ts'
import { showPath } from '../../base/entry-path.ts'

const gone = ['ENOENT', 'ENOTDIR']
const forbidden = ['EACCES', 'EPERM']
/** What opening answers when a link or a socket lies where a file was: ELOOP on Linux, EMLINK on FreeBSD. */
const otherKind = ['ELOOP', 'EMLINK', 'ENXIO']

/** The error for one file or link; what the operating system did not say is passed on as it is. */
export function entryRefusal(path: Buffer, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof PullbackError) return error
  if (gone.includes(code)) return vanished(path, 'is gone', error)
  if (otherKind.includes(code)) return vanished(path, 'is no regular file any more', error)
  return new PullbackError('EntryUnreadable', {
    what: `${showPath(path)} cannot be read: ${messageOf(error)}`,
    subject: showPath(path),
    cause: error,
  })
}

/** The error for a folder that cannot be listed. */
export function folderRefusal(path: Buffer, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof PullbackError) return error
  if (gone.includes(code) || otherKind.includes(code)) return vanished(path, 'is no folder any more', error)
  return new PullbackError(forbidden.includes(code) ? 'FolderUnreadable' : 'FolderNotListed', {
    what: `the folder ${showPath(path)} cannot be listed: ${messageOf(error)}`,
    subject: showPath(path),
    cause: error,
  })
}

/** The error for a root that cannot be looked at or listed. */
export function rootRefusal(label: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof PullbackError) return error
  if (gone.includes(code)) return rootMissing(label, error)
  return new PullbackError('SourceUnreadable', {
    what: `${label} cannot be read: ${messageOf(error)}`,
    subject: label,
    cause: error,
  })
}

export function rootMissing(label: string, cause?: unknown): PullbackError {
  return new PullbackError('SourceMissing', { what: `${label} does not exist`, subject: label, cause })
}

export function vanished(path: Buffer, what: string, cause?: unknown): PullbackError {
  return new PullbackError('EntryVanished', {
    what: `${showPath(path)} ${what}`,
    subject: showPath(path),
    cause,
  })
}

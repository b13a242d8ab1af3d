// One file on its way back: written under a temporary name beside its place, checked as a whole, given its metadata,
// and only then its name. A file that is there already is never written into.
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { isPullbackError, PullbackError, systemCode } from '../../base/errors.ts'
import { newSha256 } from '../../base/hash.ts'

export interface FilePlace {
  readonly folder: readonly Buffer[]
  readonly name: Buffer
}

const copyBytes = 1 << 20
/** As many as the longest block that was compared with them. */
let zeros = Buffer.alloc(0)

/** Writes one block of a file that is being restored; makes its temporary file with the first. Zeros become a hole. */
export function writeBlock(temporary: Buffer, bytes: Uint8Array, position: number): void {
  const handle = openSync(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  try {
    if (isZeros(bytes) && leaveHole(handle, bytes.byteLength, position)) return
    for (let done = 0; done < bytes.byteLength;) {
      done += writeSync(handle, bytes, done, bytes.byteLength - done, position + done)
    }
  } finally {
    closeSync(handle)
  }
}

/** False where something else than zeros lies already, as in a file that is gone on with. */
function leaveHole(handle: number, lengthBytes: number, position: number): boolean {
  const { size } = fstatSync(handle)
  const there = Buffer.alloc(Math.max(0, Math.min(lengthBytes, size - position)))
  for (let done = 0; done < there.length;) {
    const got = readSync(handle, there, done, there.length - done, position + done)
    if (got === 0) return false
    done += got
  }
  if (!isZeros(there)) return false
  if (position + lengthBytes > size) ftruncateSync(handle, position + lengthBytes)
  return true
}

function isZeros(bytes: Uint8Array): boolean {
  if (zeros.length < bytes.byteLength) zeros = Buffer.alloc(bytes.byteLength)
  return zeros.subarray(0, bytes.byteLength).equals(bytes)
}

/** The SHA-256 of a regular file and its length; the file is not followed if it is a link. */
export function hashFile(path: Buffer): { readonly hash: Buffer; readonly sizeBytes: number } {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const hash = newSha256()
    const buffer = Buffer.allocUnsafe(copyBytes)
    let sizeBytes = 0
    for (;;) {
      const got = readSync(handle, buffer, 0, buffer.length, sizeBytes)
      if (got === 0) return { hash: hash.digest(), sizeBytes }
      hash.update(buffer.subarray(0, got))
      sizeBytes += got
    }
  } finally {
    closeSync(handle)
  }
}

/** Gives a finished file its name: over whatever may be there if `replace` is set, else only where nothing is. */
export function giveName(file: { temporary: Buffer; final: Buffer; replace: boolean }): void {
  const { temporary, final, replace } = file
  if (replace) {
    renameSync(temporary, final)
    return
  }
  try {
    linkSync(temporary, final)
  } catch (error) {
    // A file system without hard links: nothing was there when we looked, and a rename is all that is left.
    const code = systemCode(error)
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error
    renameSync(temporary, final)
    return
  }
  unlinkSync(temporary)
}

/**
 * A temporary file that is not wanted any more; that it cannot be removed is no trouble of its own. False if it is
 * still there.
 */
export function removeQuietly(temporary: Buffer): boolean {
  try {
    unlinkSync(temporary)
    return true
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    return code === 'ENOENT'
  }
}

/** Disk or quota used up: the next file would fail the same way. */
export function isFullDisk(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** What ends a restore. */
export function targetFull(trouble: PullbackError): PullbackError {
  const { what, subject = '' } = trouble
  return new PullbackError('RestoreTargetFull', { what, subject, cause: trouble })
}

export function fileDamaged(path: string): PullbackError {
  return new PullbackError('FileDamaged', {
    what: `${path} is not what was backed up: its hash differs`,
    subject: path,
  })
}

/** An error of the operating system about the restore target, in words; one that has them already as it is. */
export function targetTrouble(path: string, error: unknown): PullbackError {
  if (isPullbackError(error)) return error
  const code = systemCode(error)
  if (code === undefined) throw error
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EACCES: 'there is no permission',
    EPERM: 'there is no permission',
    EROFS: 'the disk is read-only',
    ENOTDIR: 'a part of its path is not a folder',
    ELOOP: 'a part of its path is a link, and links are not followed',
    EISDIR: 'a folder of that name is in the way',
    ENOTEMPTY: 'a folder of that name is in the way',
    EEXIST: 'something of that name appeared meanwhile',
    ENAMETOOLONG: 'its name is too long for this file system',
  }
  return new PullbackError('RestoreTargetFailed', {
    what: `${path} could not be written: ${reasons[code] ?? code}`,
    subject: path,
    cause: error,
  })
}

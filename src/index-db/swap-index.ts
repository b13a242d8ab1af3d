// Puts an index that was built beside another one in its place. The lock stays held all the while, and whoever dies at
// any step leaves one of the two under the name, whole: the new one is on the disk before it gets the name, and no WAL
// of the old one is there by then. The old one stays as `.old` until a later run has ended well.
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { PullbackError, systemCode } from '../base/errors.ts'
import { hasBesides } from './index-seal.ts'
import { openIndex, type Index } from './open-index.ts'

const oldEnd = '.old'

/** Closes both, and gives the index that is under the name of the old one now, with its lock. */
export function swapIndex(old: Index, built: Index): Index {
  const { path } = old
  const keepsOld = old.volumes.all().length > 0
  const besideLock = built.handOver()
  try {
    const lock = old.handOver()
    try {
      putInPlace({ path, builtPath: built.path, keepsOld })
      return openIndex(path, { lock })
    } catch (error) {
      lock.release(undefined)
      throw error
    }
  } finally {
    besideLock.release(undefined)
  }
}

/** A run ended well on the index that took the place of another: that one is of no use any more. */
export function removeOldIndex(path: string): void {
  try {
    rmSync(path + oldEnd, { force: true })
  } catch (error) {
    // The run is done; the next one that ends well tries again.
    if (systemCode(error) === undefined) throw error
  }
}

function putInPlace(about: { path: string; builtPath: string; keepsOld: boolean }): void {
  const { path, builtPath, keepsOld } = about
  for (const closed of [builtPath, path]) {
    if (hasBesides(closed)) throw notSwapped(path, `${closed} could not be closed to its end`)
  }
  try {
    sync(builtPath)
    if (keepsOld) keepOld(path)
    renameSync(builtPath, path)
    syncFolder(dirname(path))
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    throw notSwapped(path, `a new one could not be put in its place (${code})`, error)
  }
}

/** By a second name, so that there is an index at every moment; a disk that has no second names has none for one. */
function keepOld(path: string): void {
  rmSync(path + oldEnd, { force: true })
  try {
    linkSync(path, path + oldEnd)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    renameSync(path, path + oldEnd)
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Network shares, mostly, know no fsync of a folder. */
function syncFolder(path: string): void {
  try {
    sync(path)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error
  }
}

function notSwapped(path: string, reason: string, cause?: unknown): PullbackError {
  return new PullbackError('IndexUnusable', {
    what: `the index ${path} cannot be used: ${reason}`,
    subject: path,
    cause,
  })
}

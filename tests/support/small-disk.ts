// A disk of its own that is soon full: a tmpfs, which only root may mount. Where that is refused, tests say why they
// do not run; under CI=true they fail rather than be skipped.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { messageOf } from '../../src/base/errors.ts'

/** Takes an empty folder and the options of tmpfs: `size=4m`, `nr_inodes=20`. What is returned unmounts it. */
export function mountSmallDisk(folder: string, options: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder], { stdio: 'pipe' })
  return () => void execFileSync('umount', [folder])
}

/** True if such disks can be mounted here; else one test tells why not, in place of those that need one. */
export function smallDisksWork(what: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-disk-'))
  try {
    mountSmallDisk(folder, 'size=1m')()
    return true
  } catch (error) {
    const refusal = messageOf(error)
    it.skipIf(process.env['CI'] !== 'true')(`${what} needs a tmpfs, and mounting one is refused`, () => {
      expect.fail(refusal)
    })
    return false
  } finally {
    rmdirSync(folder)
  }
}

/** The folder in which `fillDisk` puts what takes the room. */
export const ballastName = 'ballast'

/** Takes all room of a disk but this much; returns what gives it back. */
export function fillDisk(
  disk: string,
  room: { readonly bytes?: number; readonly inodes?: number },
): () => void {
  const ballast = join(disk, ballastName)
  mkdirSync(ballast)
  const { bavail, bsize, ffree } = statfsSync(disk)
  if (room.bytes !== undefined)
    writeFileSync(join(ballast, 'file'), Buffer.alloc(bavail * bsize - room.bytes))
  if (room.inodes !== undefined) {
    for (let at = room.inodes; at < ffree; at += 1) writeFileSync(join(ballast, `file ${at}`), '')
  }
  return () => rmSync(ballast, { recursive: true })
}

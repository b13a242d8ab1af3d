// A small disk that does not tell names apart by case: ext4 with a case-insensitive folder, which takes composed and
// decomposed letters for the same, too; or NTFS where the kernel has no such ext4. Only root may mount, and not
// everywhere: where it cannot be, the tests say so and are skipped.
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../src/base/errors.ts'

const diskBytes = 64 * 1024 * 1024

export interface CaseBlindDisk {
  /** An empty folder on it. */
  readonly folder: string
  /** True if it takes composed and decomposed letters for the same. */
  readonly isFormBlind: boolean
  readonly remove: () => void
}

export function mountCaseBlindDisk(): CaseBlindDisk {
  const home = mkdtempSync(join(tmpdir(), 'pullback-disk-'))
  const mountPoint = join(home, 'disk')
  const remove = (): void => {
    spawnSync('umount', [mountPoint])
    rmSync(home, { recursive: true })
  }
  const refusals: string[] = []
  mkdirSync(mountPoint)
  for (const mount of [mountExt4, mountNtfs]) {
    const image = join(home, mount.name)
    const folder = join(mountPoint, 'folder')
    try {
      writeFileSync(image, '')
      truncateSync(image, diskBytes)
      mount({ image, mountPoint, folder })
      return { folder, isFormBlind: takesForSame(folder, ['caf\u00e9', 'cafe\u0301']), remove }
    } catch (error) {
      refusals.push(messageOf(error))
    }
  }
  remove()
  throw new Error(refusals.join('; '))
}

/** True, and said aloud, where there can be none. */
export function caseBlindDiskMissing(): boolean {
  try {
    mountCaseBlindDisk().remove()
    return false
  } catch (error) {
    process.stderr.write(`\nSKIPPED: no disk that is blind to case can be mounted: ${messageOf(error)}\n`)
    return true
  }
}

interface Mounting {
  readonly image: string
  readonly mountPoint: string
  /** To be made. */
  readonly folder: string
}

function mountExt4({ image, mountPoint, folder }: Mounting): void {
  run('mkfs.ext4', ['-q', '-F', '-O', 'casefold', '-E', 'encoding=utf8', image])
  run('mount', ['-o', 'loop', image, mountPoint])
  mkdirSync(folder)
  run('chattr', ['+F', folder])
}

function mountNtfs({ image, mountPoint, folder }: Mounting): void {
  run('mkntfs', ['-q', '-F', '-f', image])
  run('lowntfs-3g', [image, mountPoint, '-o', 'ignore_case,permissions'])
  mkdirSync(folder)
  if (!takesForSame(folder, ['name', 'NAME'])) throw new Error('lowntfs-3g: case is told apart')
}

function takesForSame(folder: string, [one, other]: readonly [string, string]): boolean {
  writeFileSync(join(folder, one), '')
  const isSame = lstatSync(join(folder, other), { throwIfNoEntry: false }) !== undefined
  rmSync(join(folder, one))
  return isSame
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`)
}

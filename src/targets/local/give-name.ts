// The moment in which an upload becomes a file of the backup: its temporary name is changed for the final one, which
// must be free. `rename` would replace an existing file; a hard link is refused instead, by the kernel and without a
// moment in between. After a crash inside, the file has its final name, or both, or still the temporary one.
import { link as hardLink, lstat, rename, unlink } from 'node:fs/promises'
import { PullbackError, systemCode } from '../../base/errors.ts'
import { diskError, onDisk, unless } from './disk-error.ts'

interface Naming {
  readonly from: string
  readonly to: string
  /** For tests: a file system without hard links. */
  readonly link?: (from: string, to: string) => Promise<void>
}

/** How file systems say that they know no hard links: vfat and exfat EPERM, sshfs ENOSYS, some shares the others. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Renames `from` to `to` and never replaces: `DestinationNameTaken` if `to` exists, and `from` stays. */
export async function giveName({ from, to, link = hardLink }: Naming): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (code === 'EEXIST') throw taken(to, error)
    if (!noLinks.has(code)) throw diskError(error, 'cannot give the upload its name', to)
    await renameIfFree(from, to)
    return
  }
  // The file is stored. A second name that cannot be removed (append-only folder) is left to the sweep.
  await unlink(from).catch(() => undefined)
}

/** Not free of races; but names are random and one run writes to a backup at a time, so nobody runs against it. */
async function renameIfFree(from: string, to: string): Promise<void> {
  const existing = await onDisk(unless(lstat(to), 'ENOENT'), 'cannot look for', to)
  if (existing) throw taken(to)
  await onDisk(rename(from, to), 'cannot give the upload its name', to)
}

function taken(path: string, cause?: unknown): PullbackError {
  return new PullbackError('DestinationNameTaken', { what: `${path} exists already`, subject: path, cause })
}

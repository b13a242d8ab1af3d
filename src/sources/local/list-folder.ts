// Looks at one folder of this machine: its names, and for each what `lstat` tells.
import {
  type BigIntStats,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
} from 'node:fs'
import type { EntryKind, SourceEntry } from '../source.ts'
import { handlePath, withShortPath } from './long-path.ts'
import type { OwnerNames } from './owner-names.ts'

/**
 * The names in a folder, sorted bytewise, each once. Should a link lie there by now, it is refused with ENOTDIR or
 * ELOOP, never followed.
 */
export function namesIn(folder: Buffer): Buffer[] {
  const names = withShortPath(folder, (path) => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      // Named by its handle, it is what was opened, even if something else has taken its path meanwhile.
      return readdirSync(process.platform === 'linux' ? handlePath(fd) : path, { encoding: 'buffer' })
    } finally {
      closeSync(fd)
    }
  })
  names.sort((one, other) => Buffer.compare(one, other))
  // While a folder changes, some file systems give a name twice.
  return names.filter((name, index) => !names[index - 1]?.equals(name))
}

/** Fails with the error of the system call. */
export function entryAt(path: Buffer, name: Buffer, owners: OwnerNames): SourceEntry {
  return withShortPath(path, (short) => {
    const stats = lstatSync(short, { bigint: true })
    const linkTarget = stats.isSymbolicLink() ? readlinkSync(short, { encoding: 'buffer' }) : undefined
    return { ...entryOf(stats, name, owners), ...(linkTarget === undefined ? {} : { linkTarget }) }
  })
}

export function entryOf(stats: BigIntStats, name: Buffer, owners: OwnerNames): SourceEntry {
  const kind = kindOf(stats)
  const uid = Number(stats.uid)
  const gid = Number(stats.gid)
  const owner = owners.users.get(uid)
  const group = owners.groups.get(gid)
  return {
    name,
    kind,
    sizeBytes: kind === 'file' ? Number(stats.size) : 0,
    modifiedNs: stats.mtimeNs,
    mode: Number(stats.mode) & 0o7777,
    uid,
    gid,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  }
}

export function kindOf(stats: BigIntStats): EntryKind {
  return kinds.get(Number(stats.mode) & constants.S_IFMT) ?? 'unknown'
}

const kinds = new Map<number, EntryKind>([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'folder'],
  [constants.S_IFLNK, 'link'],
  [constants.S_IFSOCK, 'socket'],
  [constants.S_IFIFO, 'pipe'],
  [constants.S_IFBLK, 'device'],
  [constants.S_IFCHR, 'device'],
])

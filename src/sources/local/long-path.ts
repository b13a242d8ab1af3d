// Paths longer than the kernel takes in one call. Trees may be deeper than that: `mkdir` and `cd` in turn make them.
import { closeSync, constants, openSync } from 'node:fs'

/** PATH_MAX of Linux is 4,096 with the zero byte at the end. */
const mostPathBytes = 4095

/** O_PATH of Linux (x86-64 and arm64), which Node does not name: a handle for paths, without the right to list. */
const pathOnly = 0o10000000

/**
 * Calls `work` with a path that means the same entry and is short enough: itself, or one that begins at a handle of
 * a folder on the way (Linux only; elsewhere the kernel refuses). Fails as `work` or as opening that folder does.
 */
export function withShortPath<T>(path: Buffer, work: (path: Buffer) => T): T {
  if (path.length <= mostPathBytes || process.platform !== 'linux') return work(path)
  const cut = path.lastIndexOf('/', mostPathBytes)
  const fd = openSync(path.subarray(0, cut), pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return withShortPath(Buffer.concat([handlePath(fd), path.subarray(cut)]), work)
  } finally {
    closeSync(fd)
  }
}

/** The path of what a handle holds, whatever its own path has become. Linux only. */
export function handlePath(fd: number): Buffer {
  return Buffer.from(`/proc/self/fd/${fd}`)
}

// Whether a path of a file list may be restored, and what its parts are. File lists come from outside: a path that
// climbs out of the folder it is restored to must not get further than here. The parts are text, ready to be names
// of a Linux machine; how each is opened without following a link is left to the restore.

/** The parts of a path, or a sentence's worth of reason why it must not be restored. */
export type RestorePath =
  | { readonly safe: true; readonly parts: readonly string[] }
  | { readonly safe: false; readonly reason: string }

/** Sixteen times the longest path that Linux opens, twice the longest of Windows. */
export const pathMaxBytes = 64 * 1024
/** Trees are deep by mistake or by malice: whoever restores one has to name every folder on the way. */
const maxParts = 4096

/** Why a path is more than a file list may hold, or a restore makes; undefined if it is not. */
export function excessOf(path: string): string | undefined {
  // No character takes more than three bytes for each of its UTF-16 units, so that most paths need no counting.
  if (path.length * 3 > pathMaxBytes && Buffer.byteLength(path) > pathMaxBytes)
    return 'its path is longer than 64 KiB'
  const isDeep = path.length > 2 * maxParts && path.split(/[\\/]/, maxParts + 3).length > maxParts + 2
  return isDeep ? `it lies deeper than ${maxParts} folders` : undefined
}

/**
 * Cuts the path of an entry into its parts. It is rooted in the way of its machine: `/…`, or `X:\…` and `\\…` of
 * Windows, whose drive letter becomes the first part. The separator that ends folders, and links to folders, is
 * left out; the root itself has no parts.
 */
export function splitRestorePath(path: string): RestorePath {
  const excess = excessOf(path)
  if (excess !== undefined) return refused(excess)
  const below = belowRoot(path)
  if (below === undefined) return refused('it does not begin at a root')
  const parts = path.startsWith('/') ? below.split('/') : below.split(/[\\/]/)
  if (parts.at(-1) === '') parts.pop()
  for (const part of parts) {
    if (part === '') return refused('it has an empty part')
    if (part === '.' || part === '..') return refused(`it has a part that is \`${part}\``)
    if (part.includes('\0')) return refused('it holds a zero byte')
  }
  return { safe: true, parts }
}

/** What follows the root: after `/`, after `\\`, or with `X:\` turned into `X\`. Undefined if there is no root. */
function belowRoot(path: string): string | undefined {
  if (path.startsWith('/')) return path.slice(1)
  if (path.startsWith('\\\\')) return path.slice(2)
  return /^[a-z]:[\\/]/i.test(path) ? path.charAt(0) + path.slice(2) : undefined
}

function refused(reason: string): RestorePath {
  return { safe: false, reason }
}

// Finds some files of a source by their paths, listing the folders on the way to them and no others.
import { below } from '../../base/entry-path.ts'
import type { PullbackError } from '../../base/errors.ts'
import type { Source, SourceEntry } from '../../sources/source.ts'

/** Undefined in the answer: it is not there. */
export type FoundFile = { readonly entry: SourceEntry } | { readonly error: PullbackError }

const separator = '/'

/** The source is open; its root is a folder. Paths are below the root, in Latin-1. Fails with a `source-gone` error. */
export async function findFiles(
  source: Source,
  paths: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Map<string, FoundFile>> {
  const folders = new Set([...paths].flatMap(foldersAbove))
  const found = new Map<string, FoundFile>()
  const enter = (path: Buffer): boolean => folders.has(path.toString('latin1'))
  for await (const listing of source.scan({ signal, enter })) {
    const { path: folder, error } = listing
    const inside = `${folder.toString('latin1')}${separator}`
    if (error) for (const path of paths) if (path.startsWith(inside)) found.set(path, { error })
    for (const { path, error: problem } of listing.problems) {
      const key = path.toString('latin1')
      for (const wanted of paths)
        if (wanted === key || wanted.startsWith(`${key}${separator}`)) found.set(wanted, { error: problem })
    }
    for (const entry of listing.entries) {
      const path = below(folder, entry.name).toString('latin1')
      if (entry.kind === 'file' && paths.has(path)) found.set(path, { entry })
    }
  }
  return found
}

function foldersAbove(path: string): string[] {
  const parts = path.split(separator).slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join(separator))
}

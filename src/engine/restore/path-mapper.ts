// From the path of an entry to its place below the folder that is restored into. What all entries have in common is
// cut, as stock does, so that a restored folder's content lies directly in the folder that was named.
import { splitRestorePath } from '../../format/path-safety.ts'
import { textToName } from '../../format/path-text.ts'
import { PullbackError } from '../../base/errors.ts'
import type { EntryKind } from '../../index-db/entry-table.ts'

/** Parts of the place below the restore folder; none for that folder itself. */
export type Place = readonly Buffer[]

export class PathMapper {
  #common: readonly string[] | undefined
  readonly #keepWhole: boolean

  constructor(keepWholePaths: boolean) {
    this.#keepWhole = keepWholePaths
  }

  /** To be told of every entry first; unsafe paths do not count. */
  learn(path: string, kind: EntryKind): void {
    if (this.#keepWhole) return
    const split = splitRestorePath(path)
    if (!split.safe) return
    const folder = kind === 'folder' ? split.parts : split.parts.slice(0, -1)
    this.#common = this.#common ? commonParts(this.#common, folder) : folder
  }

  /** What was cut off every path: the folder that all entries come from, as parts. */
  get common(): readonly string[] {
    return this.#common ?? []
  }

  /** `PathUnsafe` for a path that must not be restored. */
  place(path: string): Place {
    const split = splitRestorePath(path)
    if (!split.safe) {
      throw new PullbackError('PathUnsafe', {
        what: `the path ${path} is not restored: ${split.reason}`,
        subject: path,
      })
    }
    return split.parts.slice(this.common.length).map(textToName)
  }
}

function commonParts(a: readonly string[], b: readonly string[]): readonly string[] {
  let count = 0
  while (count < a.length && count < b.length && a[count] === b[count]) count += 1
  return a.slice(0, count)
}

// What a comparison of a version with its source has found so far: counts of everything, and the first of each kind by
// name. What could not be looked at is a gap, and never counts as removed.
import { meaningHere, type PullbackError } from '../../base/errors.ts'
import type { Gap } from '../backup/backup-job.ts'

/**
 * In what an entry differs. `content`: its bytes, which were read. `metadata`: something that is stored beside the
 * content; it could not be told what.
 */
export type Aspect = 'type' | 'content' | 'size' | 'time' | 'mode' | 'owner' | 'target' | 'metadata'

export interface NamedDifference {
  /** In the backup; folders with their trailing separator. */
  readonly path: string
  /** At the source; of what was removed, in the version. */
  readonly sizeBytes: number
  /** Of what changed only. */
  readonly aspects?: readonly Aspect[]
}

export interface Differences {
  readonly count: number
  readonly bytes: number
  /** All of them, or the first few, by path. */
  readonly entries: readonly NamedDifference[]
}

export type DifferenceKind = 'added' | 'changed' | 'removed' | 'silent'

interface Found {
  count: number
  bytes: number
  entries: NamedDifference[]
}

/** A comparison that names more would not fit into memory. */
const maxNamed = 100_000
/** A dead disk can make a gap of every file. All of them are counted. */
const maxGaps = 10_000
const notCompared = 'It was not compared.'

export class SourceDifferences {
  readonly #listed: number
  readonly #found: Readonly<Record<DifferenceKind, Found>> = {
    added: nothing(),
    changed: nothing(),
    removed: nothing(),
    silent: nothing(),
  }
  unchanged = 0
  /** Left out by the rules; of a folder only itself is counted, not what lies below it. */
  leftOut = 0
  gapCount = 0
  filesRead = 0
  bytesRead = 0
  readonly gaps: Gap[] = []

  /** At most so many of each kind are named. */
  constructor(listed: number) {
    this.#listed = Math.min(listed, maxNamed)
  }

  /** Returns whether it was named. */
  add(kind: DifferenceKind, entry: NamedDifference): boolean {
    const found = this.#found[kind]
    found.count += 1
    found.bytes += entry.sizeBytes
    const isNamed = found.entries.length < this.#listed
    if (isNamed) found.entries.push(entry)
    return isNamed
  }

  addGap(path: string, error: PullbackError): void {
    this.gapCount += 1
    if (this.gaps.length < maxGaps) this.gaps.push({ path, error: meaningHere(error, notCompared) })
  }

  of(kind: DifferenceKind): Differences {
    const { count, bytes, entries } = this.#found[kind]
    return { count, bytes, entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }
  }
}

function nothing(): Found {
  return { count: 0, bytes: 0, entries: [] }
}

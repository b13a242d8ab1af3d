// Entries that need a block which is in no volume that is at the destination and readable: they cannot come back as
// they were, unless a volume with the block does.
import { everySpan, type EntrySpan } from '../../index-db/entry-spans.ts'
import type { Index } from '../../index-db/open-index.ts'
import { isStored, type KnownBlocks } from './stored-content.ts'

export interface BrokenEntry extends EntrySpan {
  /** Its content cannot come back; else only its times, mode and owner cannot. */
  readonly contentLost: boolean
}

/** Looks at all versions, counting on these blocks. Reads the whole index; it must not be changed meanwhile. */
export function* brokenEntries(index: Index, blocks: KnownBlocks = index.blocks): Generator<BrokenEntry> {
  for (const span of everySpan(index.database)) {
    const contentLost = !isStored(blocks, span.content, true)
    if (contentLost || !isStored(blocks, span.metadata, true)) yield { ...span, contentLost }
  }
}

/** What depends on blocks that are lost, over all versions. */
export interface BrokenSummary {
  /** States of files, folders and links; one that many versions share counts once. */
  readonly entries: number
  /** Times of the versions that hold any of them, newest first, in milliseconds since 1970. */
  readonly versionTimesMs: readonly number[]
  /** The first few paths. */
  readonly examples: readonly string[]
}

const maxExamples = 20

export function summarizeBroken(index: Index): BrokenSummary {
  const versions = index.versions.all().filter(({ state }) => state === 'complete')
  const held = new Set<number>()
  const examples: string[] = []
  let entries = 0
  for (const { since, until = Infinity, path } of brokenEntries(index)) {
    entries += 1
    if (examples.length < maxExamples) examples.push(path)
    for (const { id, timeMs } of versions) if (id >= since && id < until) held.add(timeMs)
  }
  return { entries, versionTimesMs: [...held].toSorted((a, b) => b - a), examples }
}

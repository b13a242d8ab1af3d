// A run that died or was cut off left a version half made: what it had stored by then, and all else as the version
// before has it. That is a version of its own, partial: it is given its file list before anything new begins, so that
// nothing that is confirmed is read twice, and nothing that it saw is lost if this run ends badly, too.
import type { EntryRow } from '../../index-db/entry-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import { isStored } from '../check/stored-content.ts'
import { commitVersion, writeVersionList } from './commit-version.ts'
import { profileOf } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'
import { takeBackUnfinished } from './take-back.ts'

/** Returns the time of the partial version that came of it; undefined if there was nothing to finish. */
export async function finishInterrupted(open: MatchedSet): Promise<number | undefined> {
  const { index } = open
  const version = index.versions.building()
  if (!version) return undefined
  index.begin()
  for (const row of index.entries.broughtBy(version.id)) {
    if (!isConfirmed(row, index)) index.entries.takeBackOne(row)
  }
  const blocksize = index.setting('blocksize')
  if (blocksize === undefined || !index.entries.differs(version.id)) {
    takeBackUnfinished(index)
    index.commit()
    return undefined
  }
  const { id: versionId, timeMs } = version
  const partial = { versionId, timeMs, isFull: false }
  await commitVersion(
    open,
    partial,
    await writeVersionList(open, partial, profileOf(open, Number(blocksize))),
  )
  return timeMs
}

/** True if every block that the entry needs is in a volume that is at the destination. */
function isConfirmed(row: EntryRow, index: Index): boolean {
  const { hash, sizeBytes, blocklists, metaHash, metaSizeBytes, metaBlocklists } = row
  return (
    isStored(index.blocks, { hash, sizeBytes, blocklists }) &&
    isStored(index.blocks, { hash: metaHash, sizeBytes: metaSizeBytes, blocklists: metaBlocklists })
  )
}

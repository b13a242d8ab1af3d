// Makes good what can be made good from the index and the destination: a file list or a dindex that is missing or
// damaged is written again, an index that is lost is built again, and what was in a dblock that is lost is forgotten,
// so that the next backup reads it again. Nothing at the destination is deleted or replaced.
import { markUnstored } from '../../index-db/unstored-entries.ts'
import { summarizeBroken, type BrokenSummary } from '../check/broken-entries.ts'
import { noteDamage } from '../check/note-damage.ts'
import type { RunContext } from '../run-context.ts'
import { withOpenSet, type BackupSet, type MatchedSet } from '../set/open-set.ts'
import { writeListsAgain, type RemadeVolume } from '../set/write-lists-again.ts'
import { undescribed, writeMissingDindexes } from '../set/write-missing-dindexes.ts'

export interface RepairJob extends BackupSet {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean
}

export interface RepairReport {
  readonly dryRun: boolean
  readonly indexRebuilt: boolean
  readonly remade: readonly RemadeVolume[]
  /** Dblocks that are missing or were changed: nothing counts on them any more. */
  readonly forgotten: readonly string[]
  /** Entries of the newest version that the next backup reads again. */
  readonly readAgain: number
  /** What cannot be restored as it was, unless the next backup finds it at its source. */
  readonly broken: BrokenSummary
  readonly warnings: readonly string[]
}

export async function repairBackup({ dryRun, ...set }: RepairJob, run: RunContext): Promise<RepairReport> {
  const remade: RemadeVolume[] = []
  const forgotten: string[] = []
  const mend = (differing: MatchedSet): Promise<void> => mendAll(differing, { dryRun, remade, forgotten })
  return withOpenSet({ set, run, dryRun, mend, sends: false }, async (open) => {
    const { index } = open
    await writeListsAgain(open, { dryRun, remade })
    for (const { name } of undescribed(index)) remade.push({ kind: 'dindex', inPlaceOf: name })
    const readAgain = markUnstored(index.database)
    if (!dryRun) await writeMissingDindexes(open)
    const broken = summarizeBroken(index)
    const { indexRebuilt, warnings } = open
    return { dryRun, indexRebuilt, remade, forgotten, readAgain, broken, warnings }
  })
}

/** The index knows more than the destination: what it knows is made whole again before anything is built anew. */
async function mendAll(
  open: MatchedSet,
  to: { dryRun: boolean; remade: RemadeVolume[]; forgotten: string[] },
): Promise<void> {
  const { index, differences, listing } = open
  index.begin()
  for (const { name, kind, status, error } of differences) {
    const row = index.volumes.find(name)
    if (!row || status === 'unknown') continue
    if (kind === 'dblock') to.forgotten.push(name)
    if (status === 'modified') {
      noteDamage(index, row, error.what)
      index.volumes.setSize(row.id, sizeIn(listing, name))
    } else {
      index.volumes.remove(row.id)
      index.blocks.dropVolumes([row.id])
    }
  }
  await writeListsAgain(open, to)
}

function sizeIn(listing: MatchedSet['listing'], name: string): number {
  const dlist = listing.dlists.find((one) => one.name === name)
  return (listing.dblocks.get(name) ?? listing.dindexes.get(name) ?? dlist)?.sizeBytes ?? 0
}

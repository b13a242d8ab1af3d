// Makes good what can be made good from the index and the destination: a file list or a dindex that is missing or
// damaged is written again, an index that is lost is built again, and what was in a dblock that is lost is forgotten,
// so that the next backup reads it again. Nothing at the destination is deleted or replaced.
import type { VolumeKind, VolumeRow } from '../../index-db/volume-table.ts'
import { markUnstored } from '../../index-db/unstored-entries.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import { summarizeBroken, type BrokenSummary } from '../check/broken-entries.ts'
import { noteDamage } from '../check/note-damage.ts'
import type { RunContext } from '../run-context.ts'
import { commitVersion } from '../set/commit-version.ts'
import { dlistName, profileOf } from '../set/new-volume.ts'
import { withOpenSet, type BackupSet, type MatchedSet } from '../set/open-set.ts'
import { undescribed, writeMissingDindexes } from '../set/write-missing-dindexes.ts'

export interface RepairJob extends BackupSet {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean
}

/** A volume that was written again, or would be. */
export interface RemadeVolume {
  readonly kind: VolumeKind
  /** The volume that was lost; for a dindex, the dblock that had none. */
  readonly inPlaceOf: string
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

const secondMs = 1000

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

async function writeListsAgain(
  open: MatchedSet,
  to: { dryRun: boolean; remade: RemadeVolume[] },
): Promise<void> {
  const { index } = open
  for (const version of index.versions.all()) {
    if (version.state !== 'complete') continue
    const row = version.dlistId === undefined ? undefined : index.volumes.get(version.dlistId)
    if (!row || (isPresent(row) && row.damage !== undefined)) await writeListAgain(open, { version, row }, to)
  }
}

/**
 * A list that is missing gets its own name again. Beside one that is damaged, and keeps its name, it is dated a second
 * later: no name is ever used for two things.
 */
async function writeListAgain(
  open: MatchedSet,
  { version, row }: { version: VersionRow; row: VolumeRow | undefined },
  { dryRun, remade }: { dryRun: boolean; remade: RemadeVolume[] },
): Promise<void> {
  const { index } = open
  const blocksize = index.setting('blocksize')
  if (blocksize === undefined) return
  const timeMs = version.timeMs + (row ? secondMs : 0)
  if (row && index.versions.all().some((other) => other.timeMs === timeMs)) {
    open.warnings.push(`${row.name} is damaged and cannot be made again: the next version is a second later`)
    return
  }
  const inPlaceOf = row?.name ?? dlistName(open, timeMs)
  if (remade.some((one) => one.inPlaceOf === inPlaceOf)) return
  remade.push({ kind: 'dlist', inPlaceOf })
  if (dryRun) return
  if (row) index.versions.setTime(version.id, timeMs)
  const list = { versionId: version.id, timeMs, isFull: version.isFull }
  await commitVersion(open, list, profileOf(open, Number(blocksize)))
}

function sizeIn(listing: MatchedSet['listing'], name: string): number {
  const dlist = listing.dlists.find((one) => one.name === name)
  return (listing.dblocks.get(name) ?? listing.dindexes.get(name) ?? dlist)?.sizeBytes ?? 0
}

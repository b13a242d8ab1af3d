// File lists that are lost at the destination are written again from the index, which knows what every version holds:
// a version is not forgotten because its list is gone.
import type { VersionRow } from '../../index-db/version-table.ts'
import { isPresent, type VolumeKind, type VolumeRow } from '../../index-db/volume-table.ts'
import { commitVersion, writeVersionList } from './commit-version.ts'
import { dlistName, profileOf } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'

/** A volume that was written again, or would be. */
export interface RemadeVolume {
  readonly kind: VolumeKind
  /** The volume that was lost; for a dindex, the dblock that had none. */
  readonly inPlaceOf: string
}

const secondMs = 1000

/**
 * What every run that writes does: lists that are missing are written again, and told of. Not when the destination has
 * volumes that the index does not know: somebody else writes there, and may have deleted them.
 */
export async function bringBackLists(open: MatchedSet): Promise<void> {
  const { index, differences, warnings } = open
  if (differences.some(({ status }) => status === 'unknown')) return
  const missing = differences.filter(({ kind, status }) => kind === 'dlist' && status === 'missing')
  if (missing.length === 0) return
  index.begin()
  for (const { name } of missing) {
    const row = index.volumes.find(name)
    if (row) index.volumes.remove(row.id)
    warnings.push(`${name} was gone from ${open.set.target.label} and was written again from the index`)
  }
  await writeListsAgain(open, { dryRun: false, remade: [] })
}

/** Every complete version whose list is not at the destination, or is known to be damaged, gets one again. */
export async function writeListsAgain(
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
  await commitVersion(open, list, await writeVersionList(open, list, profileOf(open, Number(blocksize))))
}

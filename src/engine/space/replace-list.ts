// Gives a version that is there a new file list, dated a second later. When that is confirmed, in one step of the
// index, it takes the place of the old one, which is marked to go. Whoever dies before leaves the version as it was.
import { assert } from '../../base/assert.ts'
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import type { PathRow } from '../../index-db/entry-table.ts'
import type { GapRow } from '../../index-db/gap-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { VersionRow } from '../../index-db/version-table.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import { deleteVersions } from '../retention/delete-versions.ts'
import { dlistName, profileOf } from '../set/new-volume.ts'
import type { OpenSet } from '../set/open-set.ts'
import { uploadVolume } from '../set/upload.ts'
import { writeFileList } from '../set/write-file-list.ts'

export interface ListChange {
  /** An entry as the new list has it; undefined: it is left out. */
  readonly entryAs: (row: PathRow) => PathRow | undefined
  /** What the new list says beside that is missing from it. */
  readonly moreGaps?: readonly GapRow[]
  /** Makes the index say the same, when the new list is at the destination. */
  readonly confirmed: () => void
}

const secondMs = 1000

/** Oldest first; a version on its way out is none any more. */
export function versionsThere(index: Index): VersionRow[] {
  return index.versions.all().filter(({ dlistId }) => {
    const dlist = dlistId === undefined ? undefined : index.volumes.get(dlistId)
    return dlist !== undefined && isPresent(dlist)
  })
}

/** Returns the version's new time. */
export async function replaceList(open: OpenSet, version: VersionRow, change: ListChange): Promise<number> {
  const { index, spool, run } = open
  const { id: versionId, isFull, dlistId: oldId } = version
  const blocksize = index.setting('blocksize')
  assert(blocksize !== undefined && oldId !== undefined, 'a backup with a version has both')
  run.progress.phase = 'writing the file list'
  const timeMs = await freeTime(open, version)
  const name = dlistName(open, timeMs)
  const profile = profileOf(open, Number(blocksize))
  const { entryAs, moreGaps = [] } = change
  const { randomness, giveUp: signal } = run
  const list = { index, versionId, isFull, name, spool, profile, randomness, signal }
  const file = await writeFileList({ ...list, entryAs, moreGaps })
  throwIfAborted(run.giveUp)
  const dlistId = index.volumes.begin(name, 'dlist')
  const confirmed = (): void => {
    change.confirmed()
    for (const gap of moreGaps) index.gaps.add(versionId, gap)
    index.versions.replaceList(versionId, { timeMs, dlistId })
    index.volumes.markDeleting(oldId, run.clock.nowMs())
  }
  await uploadVolume(open, { id: dlistId, name, confirmed }, file)
  return timeMs
}

/** A second that no file list has, between the versions before and after; a later one if there is one. */
async function freeTime(open: OpenSet, version: VersionRow): Promise<number> {
  const found = timeBeside(open, version)
  if (found !== undefined) return found
  // Old lists of this run may be in the way.
  await deleteVersions(open, [])
  const freed = timeBeside(open, version)
  if (freed !== undefined) return freed
  throw new PullbackError('RemovalRefused', {
    what: `no second is free for a new file list beside ${new Date(version.timeMs).toISOString()}`,
    meaning: 'Newer versions may have been changed, this one and older ones were not.',
    advice: 'Delete one of the versions around it with `pullback delete --version=N` first.',
  })
}

function timeBeside(open: OpenSet, version: VersionRow): number | undefined {
  const { index } = open
  const versions = index.versions.all()
  const at = versions.findIndex(({ id }) => id === version.id)
  const beforeMs = versions[at - 1]?.timeMs ?? 0
  const afterMs = versions[at + 1]?.timeMs ?? Number.POSITIVE_INFINITY
  const isTaken = (timeMs: number): boolean => index.volumes.find(dlistName(open, timeMs)) !== undefined
  for (const stepMs of [secondMs, -secondMs]) {
    let timeMs = version.timeMs + stepMs
    while (timeMs > beforeMs && timeMs < afterMs && isTaken(timeMs)) timeMs += stepMs
    if (timeMs > beforeMs && timeMs < afterMs) return timeMs
  }
  return undefined
}

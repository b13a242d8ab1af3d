// Makes a version exist: its file list, sent last of all. When the destination has confirmed it, the index calls the
// version complete, both in one step.
import { throwIfAborted } from '../../base/abort.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import { dlistName } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'
import { uploadVolume } from './upload.ts'
import { writeFileList } from './write-file-list.ts'

export interface VersionToCommit {
  /** The version's row, still `building`; everything it needs must be confirmed at the destination. */
  readonly versionId: number
  readonly timeMs: number
  readonly isFull: boolean
}

/** Returns the name of the dlist. */
export async function commitVersion(
  open: MatchedSet,
  { versionId, timeMs, isFull }: VersionToCommit,
  profile: VolumeProfile,
): Promise<string> {
  const { index, spool } = open
  const { progress, giveUp, randomness } = open.run
  progress.phase = 'writing the file list'
  const name = dlistName(open, timeMs)
  const file = await writeFileList({ index, versionId, isFull, name, spool, profile, randomness })
  throwIfAborted(giveUp)
  const dlistId = index.volumes.begin(name, 'dlist')
  index.versions.announce(versionId, { isFull, dlistId })
  const confirmed = (): void => index.versions.complete(versionId)
  await uploadVolume(open, { id: dlistId, name, confirmed }, file)
  return name
}

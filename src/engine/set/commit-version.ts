// Makes a version exist: its file list, sent last of all. When the destination has confirmed it, the index calls the
// version complete, both in one step.
import { throwIfAborted } from '../../base/abort.ts'
import type { FinishedFile, VolumeProfile } from '../volumes/volume-profile.ts'
import { dlistName } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'
import { uploadVolume } from './upload.ts'
import { writeFileList } from './write-file-list.ts'

export interface VersionToCommit {
  /** The version's row, still `building`. */
  readonly versionId: number
  readonly timeMs: number
  readonly isFull: boolean
}

/** The file list of a version, in the spool. */
export interface WrittenList {
  readonly name: string
  readonly file: FinishedFile
}

/** Writes the file list of a version whose entries are all in the index. What it needs may still be on its way. */
export async function writeVersionList(
  open: MatchedSet,
  { versionId, timeMs, isFull }: VersionToCommit,
  profile: VolumeProfile,
): Promise<WrittenList> {
  const { index, spool } = open
  const { progress, giveUp, randomness } = open.run
  progress.phase = 'writing the file list'
  const name = dlistName(open, timeMs)
  const signal = giveUp
  return {
    name,
    file: await writeFileList({ index, versionId, isFull, name, spool, profile, randomness, signal }),
  }
}

/** Sends the file list; all that it needs must be confirmed. */
export async function commitVersion(
  open: MatchedSet,
  { versionId, isFull }: VersionToCommit,
  { name, file }: WrittenList,
): Promise<void> {
  const { index } = open
  throwIfAborted(open.run.giveUp)
  const dlistId = index.volumes.begin(name, 'dlist')
  index.versions.announce(versionId, { isFull, dlistId })
  const confirmed = (): void => index.versions.complete(versionId)
  await uploadVolume(open, { id: dlistId, name, confirmed }, file)
}

// Sends finished volumes to the destination. The index knows of a volume, with size and hash, before its first byte
// leaves, and calls it uploaded only when the destination has confirmed it (write order in docs/reliability.md).
import { readSpoolFile } from '../volumes/read-spool-file.ts'
import type { FinishedFile } from '../volumes/volume-profile.ts'
import type { MatchedSet } from './open-set.ts'

/**
 * Puts one finished file under its name. Its row must exist; the spool's copy is removed once it is confirmed. What the
 * confirmation means beside that, `confirmed` writes into the index; both are on disk together.
 */
export async function uploadVolume(
  open: MatchedSet,
  volume: { readonly id: number; readonly name: string; readonly confirmed?: () => void },
  file: FinishedFile,
): Promise<void> {
  const { index, spool, sent } = open
  const { progress, giveUp } = open.run
  index.volumes.markUploading(volume.id, file)
  index.commit()
  const content = (): AsyncIterable<Uint8Array> => readSpoolFile(file.path)
  const announced = { sizeBytes: file.sizeBytes, sha256: file.sha256, open: content }
  await open.set.target.put(volume.name, announced, giveUp)
  index.volumes.setState(volume.id, 'uploaded')
  volume.confirmed?.()
  index.commit()
  sent.files += 1
  sent.bytes += file.sizeBytes
  progress.bytesTransferred += file.sizeBytes
  spool.remove(file.path)
}

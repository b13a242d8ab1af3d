// Sends finished volumes to the destination. The index knows of a volume, with size and hash, before its first byte
// leaves, and calls it uploaded only when the destination has confirmed it (write order in docs/reliability.md).
import type { Index } from '../../index-db/open-index.ts'
import type { Target } from '../../targets/target.ts'
import type { Progress } from '../progress.ts'
import type { Spool } from '../spool.ts'
import { readSpoolFile } from '../volumes/read-spool-file.ts'
import type { FinishedFile } from '../volumes/volume-profile.ts'
import type { Tally } from './tally.ts'

export interface Uploads {
  readonly target: Target
  readonly index: Index
  readonly spool: Spool
  readonly tally: Tally
  readonly progress: Progress
  readonly signal: AbortSignal
}

/**
 * Puts one finished file under its name. Its row must exist; the spool's copy is removed once it is confirmed. What the
 * confirmation means beside that, `confirmed` writes into the index; both are on disk together.
 */
export async function uploadVolume(
  uploads: Uploads,
  volume: { readonly id: number; readonly name: string; readonly confirmed?: () => void },
  file: FinishedFile,
): Promise<void> {
  const { target, index, spool, tally, progress, signal } = uploads
  index.volumes.markUploading(volume.id, file)
  index.commit()
  const open = (): AsyncIterable<Uint8Array> => readSpoolFile(file.path)
  await target.put(volume.name, { sizeBytes: file.sizeBytes, sha256: file.sha256, open }, signal)
  index.volumes.setState(volume.id, 'uploaded')
  volume.confirmed?.()
  index.commit()
  tally.uploadedFiles += 1
  tally.uploadedBytes += file.sizeBytes
  progress.bytesTransferred += file.sizeBytes
  spool.remove(file.path)
}

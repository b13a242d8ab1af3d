// The dindex that describes a dblock: which blocks are in it, and the contents of its blocklists.
import type { Randomness } from '../../base/randomness.ts'
import { sha256 } from '../../base/hash.ts'
import { listEntryName, volEntryName, volJson, type BlockSize } from '../../format/dindex.ts'
import type { FinishedFile, VolumeProfile } from './volume-profile.ts'
import { VolumeFileWriter } from './write-volume-file.ts'

export interface DindexContents {
  readonly dblockName: string
  /** Of the dblock as it lies at the destination. */
  readonly dblock: { readonly sizeBytes: number; readonly sha256: Uint8Array }
  /** All of them, blocklists too. */
  readonly blocks: Iterable<BlockSize>
  readonly blocklists: Iterable<Buffer>
}

/** Writes it to a new file of the spool. */
export function writeDindex(
  path: string,
  contents: DindexContents,
  how: { readonly profile: VolumeProfile; readonly randomness: Randomness },
): FinishedFile {
  const { dblockName, dblock, blocks, blocklists } = contents
  const dindex = new VolumeFileWriter(path, how.profile, how.randomness)
  for (const list of blocklists) dindex.zip.add(listEntryName(sha256(list)), list, { level: 0 })
  const volume = { volumeHash: Buffer.from(dblock.sha256), volumeSizeBytes: dblock.sizeBytes }
  dindex.zip.add(volEntryName(dblockName), volJson({ blocks, ...volume }), { level: how.profile.level })
  return dindex.finish()
}

// Which blocks an open dblock holds, as its directory says.
import { blockHashOfEntryName } from '../../format/block-name.ts'
import type { BlockSize } from '../../format/dindex.ts'
import type { ZipArchive } from '../../format/zip/zip-reader.ts'

export interface BlockEntry extends BlockSize {
  /** In the archive. */
  readonly name: string
}

/** In the order in which they were written. */
export function* blocksIn(archive: ZipArchive): Generator<BlockEntry> {
  for (const [name, { sizeBytes }] of archive.entries) {
    const hash = blockHashOfEntryName(name)
    if (hash) yield { name, hash, sizeBytes }
  }
}

// A run that ended between a dblock and its dindex leaves the dblock alone at the destination; so do programs that
// write no dindexes. Each such dblock gets its dindex at the beginning of the next run, from what the index knows:
// restores need not look into the dblock itself then.
import type { Index } from '../../index-db/open-index.ts'
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'
import { writeDindex } from '../volumes/write-dindex.ts'
import { newBlockVolumeName, profileOf } from './new-volume.ts'
import type { MatchedSet } from './open-set.ts'
import { uploadVolume } from './upload.ts'

export async function writeMissingDindexes(open: MatchedSet): Promise<void> {
  const { index, spool } = open
  const blocksize = index.setting('blocksize')
  if (blocksize === undefined) return
  const profile = profileOf(open, Number(blocksize))
  const { randomness } = open.run
  for (const dblock of undescribed(index)) {
    const { id, name: dblockName, sizeBytes, sha256 } = dblock
    const blocks = [...index.blocks.ofVolume(id)]
    // Damaged beyond reading: there is nothing to say of it.
    if (blocks.length === 0 || sizeBytes === undefined || !sha256) continue
    const name = newBlockVolumeName(open, 'dindex')
    const blocklists = blocks
      .map(({ hash }) => index.blocks.blocklist(hash))
      .filter((list) => list !== undefined)
    const contents = { dblockName, dblock: { sizeBytes, sha256 }, blocks, blocklists }
    const file = writeDindex(spool.path(name), contents, { profile, randomness })
    await uploadVolume(open, { id: index.volumes.begin(name, 'dindex', id), name }, file)
  }
}

/** Dblocks without a dindex that is at the destination and whole. */
export function undescribed(index: Index): VolumeRow[] {
  const present = index.volumes.all().filter((row) => isPresent(row) && row.damage === undefined)
  const described = new Set(present.map((row) => row.describes))
  return present.filter((row) => row.kind === 'dblock' && !described.has(row.id))
}

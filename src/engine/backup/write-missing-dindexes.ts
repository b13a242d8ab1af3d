// A run that ended between a dblock and its dindex leaves the dblock alone at the destination; so do programs that
// write no dindexes. Each such dblock gets its dindex at the beginning of the next run, from what the index knows:
// restores need not look into the dblock itself then.
import { randomHex, type Randomness } from '../../base/randomness.ts'
import { formatVolumeName } from '../../format/volume-name.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { VolumeRow } from '../../index-db/volume-table.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import { writeDindex } from '../volumes/write-dindex.ts'
import { uploadVolume, type Uploads } from './upload.ts'

interface Missing {
  readonly uploads: Uploads
  readonly profile: VolumeProfile
  readonly randomness: Randomness
  readonly prefix: string
}

export async function writeMissingDindexes(missing: Missing): Promise<void> {
  const { uploads, profile, randomness, prefix } = missing
  const { index, spool } = uploads
  for (const dblock of undescribed(index)) {
    const { id, name: dblockName, sizeBytes, sha256 } = dblock
    const blocks = [...index.blocks.ofVolume(id)]
    // Damaged beyond reading: there is nothing to say of it.
    if (blocks.length === 0 || sizeBytes === undefined || !sha256) continue
    const encryption = profile.passphrase === undefined ? {} : { encryption: 'aes' }
    const dindexId = randomHex(randomness, 16)
    const name = formatVolumeName({ prefix, kind: 'dindex', id: dindexId, compression: 'zip', ...encryption })
    const blocklists = blocks
      .map(({ hash }) => index.blocks.blocklist(hash))
      .filter((list) => list !== undefined)
    const contents = { dblockName, dblock: { sizeBytes, sha256 }, blocks, blocklists }
    const file = writeDindex(spool.path(name), contents, { profile, randomness })
    await uploadVolume(uploads, { id: index.volumes.begin(name, 'dindex', id), name }, file)
  }
}

function undescribed(index: Index): VolumeRow[] {
  const present = index.volumes.all().filter(({ state }) => state === 'uploaded' || state === 'verified')
  const described = new Set(present.map((row) => row.describes))
  return present.filter((row) => row.kind === 'dblock' && !described.has(row.id))
}

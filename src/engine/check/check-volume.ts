// One volume looked at as a whole: it is fetched to its last byte, its size and hash are those that the index has, it
// can be decrypted, and what is in it is what it must be. A file list is read to its end; a dindex says of its dblock
// what the index says; every block of a dblock has the hash that names it, and it holds all that it should.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { sha256, sha256Length } from '../../base/hash.ts'
import { dindexEntry, readVol } from '../../format/dindex.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { VolumeRow } from '../../index-db/volume-table.ts'
import { volMaxBytes } from '../rebuild/load-dindex.ts'
import { blocksIn } from '../volumes/blocks-in.ts'
import { withVolume, type Fetching } from '../volumes/fetch-volume.ts'
import { gapsOf, isFullVersion, readFileList } from '../volumes/read-file-list.ts'
import type { OpenVolume } from '../volumes/read-volume-file.ts'

export interface VolumeCheck {
  readonly index: Index
  readonly fetching: Fetching
  /** How many blocks the index has of each volume. */
  readonly blockCounts: ReadonlyMap<number, number>
}

/** Returns the volume's hash. `VolumeDamaged`, `DestinationFileMissing` and the like, naming it, if it is not whole. */
export async function checkVolume(check: VolumeCheck, row: VolumeRow): Promise<Buffer> {
  const { name, sizeBytes = 0 } = row
  return withVolume(check.fetching, { name, sizeBytes }, async (open, file) => {
    if (row.sha256 && !row.sha256.equals(file.sha256)) {
      throw damaged('its hash is not the one that it was stored with')
    }
    const blocksize = check.index.setting('blocksize')
    if (blocksize !== undefined && Number(blocksize) !== open.manifest.blocksize) {
      throw damaged(`its blocks are of ${open.manifest.blocksize} bytes, those of the backup of ${blocksize}`)
    }
    if (row.kind === 'dlist') await checkDlist(open)
    else if (row.kind === 'dindex') checkDindex(open, check)
    else checkDblock(open, check, row)
    return file.sha256
  })
}

/** What is wrong with a volume, and not with the way to it or with this machine. */
export function isDamage(error: unknown): error is PullbackError {
  return isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported', 'DestinationFileMissing')
}

async function checkDlist(open: OpenVolume): Promise<void> {
  isFullVersion(open)
  gapsOf(open)
  for await (const batch of readFileList(open)) void batch
}

function checkDindex(open: OpenVolume, check: VolumeCheck): void {
  for (const [entryName, { sizeBytes }] of open.archive.entries) {
    const entry = dindexEntry(entryName)
    if (entry?.kind === 'list') {
      const hashes = open.archive.read(entryName, open.manifest.blocksize)
      const isSound = sizeBytes % sha256Length === 0 && sha256(hashes).equals(entry.hash)
      if (!isSound) throw damaged(`the blocklist ${entryName} in it is not what its name says`)
    } else if (entry?.kind === 'vol') {
      checkVol(readVol(open.archive.read(entryName, volMaxBytes)), entry.dblockName, check)
    }
  }
}

function checkVol(
  vol: ReturnType<typeof readVol>,
  dblockName: string,
  { index, blockCounts }: VolumeCheck,
): void {
  const dblock = index.volumes.find(dblockName)
  // Of a dblock that is not there, or is damaged itself, there is nothing to compare with.
  if (!dblock || dblock.damage !== undefined) return
  const isOther =
    (vol.volumeSizeBytes !== undefined && vol.volumeSizeBytes !== dblock.sizeBytes) ||
    (vol.volumeHash !== undefined && dblock.sha256 !== undefined && !vol.volumeHash.equals(dblock.sha256))
  if (isOther) throw damaged(`it was made for another ${dblockName} than the one that is there`)
  const known = vol.blocks.filter((block) => isKnown(index, block, dblock.id)).length
  if (known !== vol.blocks.length || known !== blockCounts.get(dblock.id)) {
    throw damaged(`it does not name the blocks that are in ${dblockName}`)
  }
}

function checkDblock(open: OpenVolume, { index, blockCounts }: VolumeCheck, row: VolumeRow): void {
  let count = 0
  for (const block of blocksIn(open.archive)) {
    const bytes = open.archive.read(block.name, open.manifest.blocksize)
    if (!sha256(bytes).equals(block.hash)) throw damaged(`the block ${block.name} in it has another hash`)
    if (row.damage === undefined && !isKnown(index, block, row.id)) {
      throw damaged(`the block ${block.name} in it is one that the index does not know there`)
    }
    count += 1
  }
  if (row.damage === undefined && count !== (blockCounts.get(row.id) ?? 0)) {
    throw damaged(`it holds ${count} blocks where there should be ${blockCounts.get(row.id) ?? 0}`)
  }
}

function isKnown(index: Index, block: { hash: Buffer; sizeBytes: number }, volumeId: number): boolean {
  return index.blocks
    .places(block.hash)
    .some((place) => place.volumeId === volumeId && place.sizeBytes === block.sizeBytes)
}

function damaged(what: string): PullbackError {
  return new PullbackError('VolumeDamaged', { what })
}

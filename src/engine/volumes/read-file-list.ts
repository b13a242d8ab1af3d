// The file list of an open dlist volume, streamed: a list may be far larger than memory.
import { crc32, createInflateRaw } from 'node:zlib'
import { asError, PullbackError } from '../../base/errors.ts'
import { filelistName, filesetName, type DlistEntry } from '../../format/dlist/dlist-entry.ts'
import { gapsMaxBytes, gapsName, readGaps, type GapText } from '../../format/dlist/gaps.ts'
import { readDlist, readFileset } from '../../format/dlist/read-dlist.ts'
import type { OpenVolume } from './read-volume-file.ts'

const chunkBytes = 1 << 18
const filesetMaxBytes = 1 << 16
const deflateMethod = 8

/** Whether the version is full; a list without the mark is. */
export function isFullVersion(volume: OpenVolume): boolean {
  if (!volume.archive.entries.has(filesetName)) return true
  return readFileset(volume.archive.read(filesetName, filesetMaxBytes)).isFullBackup
}

/** What the version says that it does not hold as it should; none if it says nothing. */
export function gapsOf({ archive }: OpenVolume): GapText[] {
  return archive.entries.has(gapsName) ? readGaps(archive.read(gapsName, gapsMaxBytes)) : []
}

/**
 * The entries of the list, in portions, in the order in which they were written. `VolumeDamaged` if it is not
 * whole.
 */
export async function* readFileList(volume: OpenVolume): AsyncIterable<DlistEntry[]> {
  const facts = volume.archive.rawEntry(filelistName)
  const stored = storedBytes(volume, facts.offset, facts.compressedBytes)
  const plain = facts.method === deflateMethod ? inflated(stored) : stored
  yield* readDlist(checked(plain, facts))
}

async function* storedBytes(volume: OpenVolume, offset: number, length: number): AsyncIterable<Buffer> {
  for (let at = 0; at < length; at += chunkBytes) {
    yield volume.bytes.read(offset + at, Math.min(chunkBytes, length - at))
  }
}

async function* inflated(stored: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const inflate = createInflateRaw({ chunkSize: chunkBytes })
  const feed = async (): Promise<void> => {
    for await (const piece of stored) {
      if (!inflate.write(piece)) await new Promise((resolve) => inflate.once('drain', resolve))
    }
    inflate.end()
  }
  feed().catch((error: unknown) => inflate.destroy(asError(error)))
  try {
    for await (const piece of inflate) yield piece as Buffer
  } catch (error) {
    if (error instanceof PullbackError) throw error
    throw new PullbackError('VolumeDamaged', { what: 'the file list cannot be decompressed', cause: error })
  }
}

/** No more bytes than the archive declares, and in the end exactly those that were written. */
async function* checked(
  plain: AsyncIterable<Buffer>,
  facts: { readonly sizeBytes: number; readonly crc: number },
): AsyncIterable<Buffer> {
  let crc = 0
  let sizeBytes = 0
  for await (const piece of plain) {
    crc = crc32(piece, crc)
    sizeBytes += piece.length
    if (sizeBytes > facts.sizeBytes) break
    yield piece
  }
  if (sizeBytes !== facts.sizeBytes || crc !== facts.crc) {
    throw new PullbackError('VolumeDamaged', {
      what: 'the file list is not what was written: its checksum differs',
    })
  }
}

// A dblock: after the manifest nothing but blocks, each named by the SHA-256 of its bytes and no larger than the
// blocksize.
import type { BlockStore } from './block-store.ts'
import { hashOfEntryName, sha256 } from './hashes.ts'
import type { Volume } from './volume-reader.ts'

/** What a dindex must say about a dblock. */
export type DblockFacts = {
  sizeBytes: number
  hash: string
  /** Hash and size of every block. */
  blocks: ReadonlyMap<string, number>
}

/** Verifies every block of the volume and puts it into the store. */
export function readDblock(volume: Volume, store: BlockStore): DblockFacts {
  const blocks = new Map<string, number>()
  for (const entry of volume.entries) {
    if (entry.name === 'manifest') continue
    const place = volume.place.at(`entry "${entry.name}"`)
    const hash = hashOfEntryName(entry.name)
    if (hash === undefined) {
      place.unlike('name expected URL-safe Base64 of a SHA-256 with padding')
      continue
    }
    const content = place.attempt('leftover', entry.content)
    if (content === undefined) continue
    const found = sha256(content)
    if (found !== hash) {
      place.broken(`SHA-256 of the content expected ${hash}, found ${found}`)
      continue
    }
    if (content.length === 0) place.unlike('is a block of no bytes')
    if (content.length > volume.blocksize) {
      place.broken(`block of at most ${volume.blocksize} bytes expected, found ${content.length}`)
    }
    blocks.set(hash, content.length)
    store.add(hash, content)
  }
  if (blocks.size === 0) volume.place.unlike('holds no block')
  return { sizeBytes: volume.sizeBytes, hash: volume.hash, blocks }
}

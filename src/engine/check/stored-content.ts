// Whether all that a content is made of lies in a volume that is at the destination and not known to be damaged, as the
// index has it.
import { hashesIn } from '../../base/hash.ts'
import type { NeededContent } from '../../index-db/entry-spans.ts'
import type { BlockTable } from '../../index-db/block-table.ts'

/** Which blocks may be counted on. */
export type KnownBlocks = Pick<BlockTable, 'has' | 'blocklist'>

/**
 * Of a blocklist whose contents the index does not know, though a volume holds it, nobody can say where the blocks in
 * it are: `ifUnknown` is what to take it for.
 */
export function isStored(blocks: KnownBlocks, content: NeededContent, ifUnknown = false): boolean {
  const { hash, sizeBytes, blocklists } = content
  if (sizeBytes === 0 || !hash) return true
  if (!blocklists) return blocks.has(hash)
  return hashesIn(blocklists).every((list) => {
    if (!blocks.has(list)) return false
    const hashes = blocks.blocklist(list)
    return hashes ? hashesIn(hashes).every((one) => blocks.has(one)) : ifUnknown
  })
}

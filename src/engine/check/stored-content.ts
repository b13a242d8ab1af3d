// Whether all that a content is made of lies in a volume that is at the destination and not known to be damaged, as the
// index has it.
import { hashesIn } from '../../base/hash.ts'
import type { NeededContent } from '../../index-db/entry-spans.ts'
import type { Index } from '../../index-db/open-index.ts'

/** False also where a blocklist is not known: what it names could be anywhere. */
export function isStored(index: Index, { hash, sizeBytes, blocklists }: NeededContent): boolean {
  if (sizeBytes === 0 || !hash) return true
  if (!blocklists) return index.blocks.has(hash)
  return hashesIn(blocklists).every((list) => {
    const hashes = index.blocks.blocklist(list)
    return (
      index.blocks.has(list) && hashes !== undefined && hashesIn(hashes).every((one) => index.blocks.has(one))
    )
  })
}

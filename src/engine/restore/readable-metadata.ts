// The metadata of an entry on its way back. What cannot be read is told and counts as none: it never keeps the content
// from being restored.
import { isPullbackError } from '../../base/errors.ts'
import { readMetadata, type Metadata } from '../../format/metadata.ts'
import type { RestoreItem } from '../../index-db/restore-plan.ts'

export const noMetadata = readMetadata(Buffer.from('{}'))

/** Of an entry that has some, which is not to be had: nobody knows who was allowed to use it. */
export const lostMetadata: Metadata = { ...noMetadata }

/** `lost`: there is some, and it is not to be had. */
export function readableMetadata(
  bytes: Buffer | 'lost' | undefined,
  warn: (reason: string) => void,
): Metadata {
  if (!bytes) return noMetadata
  if (bytes === 'lost') {
    warn('its metadata is lost: it is open to its owner alone')
    return lostMetadata
  }
  try {
    return readMetadata(bytes)
  } catch (error) {
    if (!isPullbackError(error)) throw error
    warn(`its metadata could not be read: ${error.what}`)
    return lostMetadata
  }
}

type MetadataFacts = Pick<RestoreItem, 'metaHash' | 'metaSizeBytes'>

export function hasMetadata({ metaHash, metaSizeBytes }: MetadataFacts): boolean {
  return metaHash !== undefined && metaSizeBytes > 0
}

/** An item's metadata from the blocks of it that came, in order. Undefined if it never had any. */
export function wholeMetadata(item: MetadataFacts, blocks: readonly Buffer[]): Buffer | 'lost' | undefined {
  if (!hasMetadata(item)) return undefined
  const [first] = blocks
  const bytes = first && blocks.length === 1 ? first : Buffer.concat(blocks)
  return bytes.length === item.metaSizeBytes ? bytes : 'lost'
}

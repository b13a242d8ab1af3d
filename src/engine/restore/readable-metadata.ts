// The metadata of an entry on its way back. What cannot be read is told and counts as none: it never keeps the content
// from being restored.
import { isPullbackError } from '../../base/errors.ts'
import { readMetadata, type Metadata } from '../../format/metadata.ts'

export const noMetadata = readMetadata(Buffer.from('{}'))

export function readableMetadata(bytes: Buffer | undefined, warn: (reason: string) => void): Metadata {
  if (!bytes) return noMetadata
  try {
    return readMetadata(bytes)
  } catch (error) {
    if (!isPullbackError(error)) throw error
    warn(`its metadata could not be read: ${error.what}`)
    return noMetadata
  }
}

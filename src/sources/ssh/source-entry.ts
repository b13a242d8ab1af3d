// From what SFTP tells about a file to an entry of a source.
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import type { OwnerNames } from '../../ssh/sftp/owner-names.ts'
import type { SourceEntry } from '../source.ts'

interface EntryParts {
  readonly name: Buffer
  readonly attributes: FileAttributes
  readonly owners: OwnerNames
  readonly linkTarget?: Buffer
}

export function sourceEntry({ name, attributes, owners, linkTarget }: EntryParts): SourceEntry {
  const kind = kindOf(attributes)
  const uid = attributes.uid ?? 0
  const gid = attributes.gid ?? 0
  const owner = owners.userOf(uid)
  const group = owners.groupOf(gid)
  return {
    name,
    kind,
    sizeBytes: kind === 'file' ? (attributes.sizeBytes ?? 0) : 0,
    modifiedNs: modifiedNs(attributes),
    mode: (attributes.mode ?? 0) & 0o7777,
    uid,
    gid,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  }
}

/** Last change of the content, in nanoseconds; 0 where the server does not tell. */
export function modifiedNs(attributes: FileAttributes): bigint {
  return BigInt(attributes.modifiedS ?? 0) * 1_000_000_000n
}

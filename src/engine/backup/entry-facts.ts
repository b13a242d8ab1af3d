// From what a source says of an entry to what the index and the file list keep of it.
import { sha256 } from '../../base/hash.ts'
import { metadataText } from '../../format/metadata.ts'
import type { SourceEntry } from '../../sources/source.ts'

/** An entry with bytes, a folder or a link; sockets, pipes and devices are none. */
export type StorableEntry = SourceEntry & { readonly kind: 'file' | 'folder' | 'link' }

export interface EntryMetadata {
  readonly bytes: Buffer
  readonly hash: Buffer
}

export function isStorable(entry: SourceEntry): entry is StorableEntry {
  return entry.kind === 'file' || entry.kind === 'folder' || entry.kind === 'link'
}

/** The metadata of an entry as it is stored, and its hash, by which a change is noticed. */
export function metadataOf(entry: StorableEntry): EntryMetadata {
  const { kind, name, mode, uid, gid, owner, group, modifiedNs, linkTarget } = entry
  const text = metadataText({
    kind,
    name,
    mode,
    uid,
    gid,
    modifiedNs,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
    ...(linkTarget === undefined ? {} : { linkTarget }),
  })
  return known.get(text) ?? remember(text)
}

/** Files that were put there together share their metadata: most are hashed once. What is given out is not changed. */
const known = new Map<string, EntryMetadata>()
const mostKnown = 1024

function remember(text: string): EntryMetadata {
  const bytes = Buffer.from(text)
  const metadata = { bytes, hash: sha256(bytes) }
  if (known.size >= mostKnown) known.clear()
  known.set(text, metadata)
  return metadata
}

/** Microseconds since 1970, rounded down: the finest unit that a number holds exactly until the year 2255. */
export function microseconds(ns: bigint): number {
  const us = ns / 1000n
  return Number(ns < 0n && us * 1000n !== ns ? us - 1n : us)
}

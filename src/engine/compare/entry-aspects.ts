// In what an entry of a source differs from what a version says of it. The index knows length, time and the hash of the
// metadata; what is in that metadata lies at the destination alone. Most of the time it need not be fetched: where the
// old time makes of the new facts exactly what was stored, nothing but the time has changed.
import { isPullbackError } from '../../base/errors.ts'
import { readMetadata, type Metadata } from '../../format/metadata.ts'
import type { Index } from '../../index-db/open-index.ts'
import { unknownModifiedUs } from '../../index-db/entry-table.ts'
import type { VersionEntry } from '../../index-db/version-entries.ts'
import { metadataOf, microseconds, type StorableEntry } from '../backup/entry-facts.ts'
import { VolumeShelf } from '../restore/stream/volume-shelf.ts'
import type { Fetching } from '../volumes/fetch-volume.ts'
import type { Aspect } from './source-differences.ts'

/** What is left to be said of an entry when its old metadata has been read. */
export interface UnreadMetadata {
  readonly entry: StorableEntry
  readonly row: VersionEntry
  /** To be added to. */
  readonly aspects: Aspect[]
}

export interface EntryDifference {
  readonly aspects: Aspect[]
  /** The old metadata may differ in more than the time. */
  readonly isOpen: boolean
}

const usPerSecond = 1_000_000
const ticksPerUs = 10n
const nsPerTick = 100n

/** Without reading anything. Nothing that is known: the entry is as the version has it. */
export function entryDifference(entry: StorableEntry, row: VersionEntry): EntryDifference {
  const aspects: Aspect[] = []
  if (entry.kind === 'file' && entry.sizeBytes !== row.sizeBytes) aspects.push('size')
  const isSame = row.metaHash?.equals(metadataOf(entry).hash) ?? false
  if (isSame) return { aspects, isOpen: false }
  const isOther = isOtherTime(entry, row)
  if (isOther) aspects.push('time')
  return { aspects, isOpen: !(isOther && isOnlyOtherTime(entry, row)) }
}

/** A file list has whole seconds: an index that was made from one does not tell more. */
function isOtherTime({ modifiedNs }: StorableEntry, { modifiedUs }: VersionEntry): boolean {
  if (modifiedUs === unknownModifiedUs) return false
  const now = microseconds(modifiedNs)
  if (now === modifiedUs) return false
  return modifiedUs % usPerSecond !== 0 || Math.floor(now / usPerSecond) * usPerSecond !== modifiedUs
}

/** Metadata has tenths of what the index has. */
function isOnlyOtherTime(entry: StorableEntry, { metaHash, modifiedUs }: VersionEntry): boolean {
  for (let tick = 0n; tick < ticksPerUs; tick += 1n) {
    const modifiedNs = BigInt(modifiedUs) * 1000n + tick * nsPerTick
    if (metaHash?.equals(metadataOf({ ...entry, modifiedNs }).hash)) return true
  }
  return false
}

/** Reads the metadata that versions hold of these entries, volume by volume, and says in what they differ. */
export async function readOpenAspects(
  open: readonly UnreadMetadata[],
  { index, fetching, warnings }: { index: Index; fetching: Fetching; warnings: string[] },
): Promise<void> {
  const shelf = new VolumeShelf({ volumes: index.volumes, fetching })
  const placed = open.map((one) => ({ one, volumeId: volumeOf(index, one.row) }))
  try {
    for (const { one, volumeId } of placed.toSorted((a, b) => (a.volumeId ?? 0) - (b.volumeId ?? 0))) {
      const before = await storedMetadata(one.row, { shelf, volumeId, warnings })
      const found = before ? metadataAspects(one.entry, before) : []
      for (const aspect of found) if (!one.aspects.includes(aspect)) one.aspects.push(aspect)
      if (one.aspects.length === 0) one.aspects.push('metadata')
    }
  } finally {
    await shelf.close()
  }
}

/** Metadata of more than one block is rare, and not worth the way. */
function volumeOf(index: Index, { metaHash, metaBlocklists }: VersionEntry): number | undefined {
  return metaHash && !metaBlocklists ? index.blocks.places(metaHash)[0]?.volumeId : undefined
}

async function storedMetadata(
  { metaHash }: VersionEntry,
  from: { shelf: VolumeShelf; volumeId: number | undefined; warnings: string[] },
): Promise<Metadata | undefined> {
  if (!metaHash || from.volumeId === undefined) return undefined
  try {
    return readMetadata(await from.shelf.block(from.volumeId, metaHash))
  } catch (error) {
    if (!isPullbackError(error) || error.kind !== 'integrity') throw error
    if (!from.warnings.includes(error.what)) from.warnings.push(error.what)
    return undefined
  }
}

function metadataAspects(entry: StorableEntry, before: Metadata): Aspect[] {
  const now = readMetadata(metadataOf(entry).bytes)
  const isOwner = (['uid', 'gid', 'owner', 'group'] as const).some((field) => now[field] !== before[field])
  const [target = '', targetBefore = ''] = [now.linkTarget, before.linkTarget].map((one) =>
    one?.toString('hex'),
  )
  return [
    ...(now.modifiedNs === before.modifiedNs ? [] : (['time'] as const)),
    ...(now.mode === before.mode ? [] : (['mode'] as const)),
    ...(isOwner ? (['owner'] as const) : []),
    ...(target === targetBefore ? [] : (['target'] as const)),
  ]
}

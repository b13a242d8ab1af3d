// What lies at a destination: the volumes of one backup, by kind. Other files are none of our business and are left
// alone; files of another prefix are another backup.
import { PullbackError } from '../../base/errors.ts'
import { parsePinName } from '../../format/pin-name.ts'
import { parseVolumeName, type VolumeName } from '../../format/volume-name.ts'
import type { Target } from '../../targets/target.ts'

export interface ListedVolume {
  readonly name: string
  readonly sizeBytes: number
  readonly parsed: VolumeName
}

export interface ListedDlist extends ListedVolume {
  /** The version's identity and date. */
  readonly timeMs: number
}

export interface VolumeListing {
  readonly dblocks: ReadonlyMap<string, ListedVolume>
  readonly dindexes: ReadonlyMap<string, ListedVolume>
  /** Oldest first. */
  readonly dlists: readonly ListedDlist[]
  /** Times of the versions that a person has pinned. */
  readonly pinnedMs: ReadonlySet<number>
  /** Prefixes of other backups seen in the folder. */
  readonly otherPrefixes: ReadonlySet<string>
}

export async function listVolumes(
  target: Target,
  prefix: string,
  signal: AbortSignal,
): Promise<VolumeListing> {
  const dblocks = new Map<string, ListedVolume>()
  const dindexes = new Map<string, ListedVolume>()
  const dlists = new Map<string, ListedDlist>()
  const otherPrefixes = new Set<string>()
  const pinnedMs = new Set<number>()
  for await (const { name, sizeBytes } of target.list(signal)) {
    const parsed = parseVolumeName(name)
    if (!parsed) {
      const pin = parsePinName(name)
      if (pin?.prefix === prefix) pinnedMs.add(pin.timeMs)
      continue
    }
    if (parsed.prefix !== prefix) otherPrefixes.add(parsed.prefix)
    else if (parsed.kind === 'dlist') dlists.set(name, { name, sizeBytes, parsed, timeMs: parsed.timeMs })
    else (parsed.kind === 'dblock' ? dblocks : dindexes).set(name, { name, sizeBytes, parsed })
  }
  const oldestFirst = [...dlists.values()].sort(byTimeAndForm)
  return { dblocks, dindexes, dlists: oldestFirst, pinnedMs, otherPrefixes }
}

/** Of two of one time the one that can be read comes last: it is the newer one for all who look for the newest. */
function byTimeAndForm(one: ListedDlist, other: ListedDlist): number {
  const rank = ({ parsed: { encryption } }: ListedDlist): number => {
    if (encryption === undefined) return 1
    return encryption === 'aes' ? 2 : 0
  }
  return one.timeMs - other.timeMs || rank(one) - rank(other)
}

/** All volumes of the listing. */
export function* everyVolume(listing: VolumeListing): IterableIterator<ListedVolume> {
  yield* listing.dblocks.values()
  yield* listing.dindexes.values()
  yield* listing.dlists
}

/**
 * The dblock that a dindex means by the name inside it: that name, or the same volume under another compression or
 * encryption extension, as after a tool that encrypted anew.
 */
export function dblockMeant(listing: VolumeListing, name: string): ListedVolume | undefined {
  const exact = listing.dblocks.get(name)
  if (exact) return exact
  const parsed = parseVolumeName(name)
  if (parsed?.kind !== 'dblock') return undefined
  for (const volume of listing.dblocks.values()) {
    if (volume.parsed.kind === 'dblock' && volume.parsed.id === parsed.id) return volume
  }
  return undefined
}

/** Fails with `DestinationEmpty` if no version is there to restore or list. */
export function demandVersions(listing: VolumeListing, target: Target, prefix: string): void {
  if (listing.dlists.length > 0) return
  const others = [...listing.otherPrefixes].map((one) => `"${one}"`).join(', ')
  throw new PullbackError('DestinationEmpty', {
    what: `no version of a backup with the prefix "${prefix}" was found in ${target.label}`,
    subject: target.label,
    ...(others ? { advice: `Backups with the prefix ${others} lie there: name one with --prefix.` } : {}),
  })
}

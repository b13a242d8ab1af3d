// Puts what the dindexes say into an index: which block lies in which dblock, and the contents of blocklists. Where a
// dblock has no dindex, or one that cannot be used, its own directory of blocks is read instead.
import { isPullbackError, type PullbackError } from '../../base/errors.ts'
import { sha256, sha256Length } from '../../base/hash.ts'
import { dindexEntry, readVol } from '../../format/dindex.ts'
import type { Index } from '../../index-db/open-index.ts'
import { blocksIn } from '../volumes/blocks-in.ts'
import { withVolume, type Fetching } from '../volumes/fetch-volume.ts'
import { dblockMeant, type ListedVolume, type VolumeListing } from '../volumes/list-volumes.ts'
import type { OpenVolume } from '../volumes/read-volume-file.ts'

export interface Loading {
  readonly fetching: Fetching
  readonly listing: VolumeListing
  readonly index: Index
  /** Told of what is wrong but does not stop the loading. */
  readonly warn: (error: PullbackError) => void
  /** An index must not believe in blocks that may be gone; a restore tries whatever there may be. */
  readonly purpose: 'index' | 'restore'
  readonly watch?: LoadingWatch
  /** Blocklists that no dindex gave: kept when the dblock that holds them is read. */
  readonly wantsList?: (hash: Buffer) => boolean
}

/** Follows the loading of volumes. */
export interface LoadingWatch {
  /** So many more are to be fetched. */
  readonly expected: (volumes: readonly ListedVolume[]) => void
  /** All that the index is to know from this volume is in it, or that it cannot be read. */
  readonly taken: (volume: ListedVolume) => void
}

/** Some 80 bytes a block: 800,000 blocks. */
export const volMaxBytes = 64 << 20

/** Makes every dblock of the listing known with its blocks. */
export async function loadBlocks(loading: Loading): Promise<void> {
  await loadDindexes(loading)
  await loadUndescribed(loading)
}

/** Makes known what the dindexes say; those that the index knows are not fetched again. */
export async function loadDindexes(loading: Loading): Promise<void> {
  const { listing, index, watch } = loading
  const dindexes = [...listing.dindexes.values()].filter(({ name }) => !index.volumes.find(name))
  watch?.expected(dindexes)
  for (const dindex of dindexes) {
    await tolerate(loading, dindex, async () => {
      await withVolume(loading.fetching, dindex, (open, file) =>
        loadDindex(open, { loading, dindex, sha256: file.sha256 }),
      )
    })
  }
}

/** Makes known the dblocks that no dindex described. */
export async function loadUndescribed(loading: Loading): Promise<void> {
  const { listing, index, watch } = loading
  const undescribed = [...listing.dblocks.values()].filter(({ name }) => !index.volumes.find(name))
  watch?.expected(undescribed)
  await loadDblocks(loading, undescribed)
}

/** Makes dblocks known by their own directories of blocks, whatever a dindex says of them. */
export async function loadDblocks(loading: Loading, dblocks: Iterable<ListedVolume>): Promise<void> {
  for (const dblock of dblocks) {
    await tolerate(loading, dblock, async () => {
      await withVolume(loading.fetching, dblock, (open, file) =>
        loadDblock(open, { loading, dblock, sha256: file.sha256 }),
      )
    })
  }
}

function loadDindex(
  open: OpenVolume,
  about: { loading: Loading; dindex: ListedVolume; sha256: Buffer },
): void {
  const { loading, dindex } = about
  const { index } = loading
  let describes: number | undefined
  for (const [entryName, facts] of open.archive.entries) {
    const entry = dindexEntry(entryName)
    if (entry?.kind === 'list' && facts.sizeBytes <= open.manifest.blocksize) {
      const hashes = open.archive.read(entryName, open.manifest.blocksize)
      // An old fault of stock wrote wrong lists: such a one is fetched from its dblock when it is needed.
      const sound = hashes.length % sha256Length === 0 && sha256(hashes).equals(entry.hash)
      if (sound) index.blocks.addBlocklist(entry.hash, hashes)
    } else if (entry?.kind === 'vol') {
      const vol = readVol(open.archive.read(entryName, volMaxBytes))
      const dblock = dblockOf(loading, entry.dblockName, vol.volumeSizeBytes)
      if (!dblock) continue
      const { name, sizeBytes } = dblock
      const sha256OfVolume = vol.volumeHash ? { sha256: vol.volumeHash } : {}
      const volumeId =
        index.volumes.find(name)?.id ??
        index.volumes.addPresent({ name, kind: 'dblock', sizeBytes, ...sha256OfVolume })
      for (const block of vol.blocks) index.blocks.add(block.hash, { volumeId, sizeBytes: block.sizeBytes })
      describes = volumeId
    }
  }
  const { name, sizeBytes } = dindex
  index.volumes.addPresent({
    name,
    kind: 'dindex',
    sizeBytes,
    sha256: about.sha256,
    ...(describes === undefined ? {} : { describes }),
  })
  index.set('blocksize', String(open.manifest.blocksize))
}

/** The dblock that a dindex speaks of, if what it says may be believed. */
function dblockOf(
  { listing, purpose }: Loading,
  name: string,
  sizeBytes: number | undefined,
): Pick<ListedVolume, 'name' | 'sizeBytes'> | undefined {
  const listed = dblockMeant(listing, name)
  // A restore asks for a missing one, and says so by its name, rather than look for its blocks in all others.
  if (purpose === 'restore') return listed ?? { name, sizeBytes: 0 }
  // Cut short, or encrypted anew: what it holds now is for itself to say.
  return sizeBytes === undefined || sizeBytes === listed?.sizeBytes ? listed : undefined
}

function loadDblock(
  open: OpenVolume,
  about: { loading: Loading; dblock: ListedVolume; sha256: Buffer },
): void {
  const { loading, dblock } = about
  const { index, wantsList } = loading
  index.set('blocksize', String(open.manifest.blocksize))
  const { name, sizeBytes } = dblock
  const volumeId =
    index.volumes.find(name)?.id ??
    index.volumes.addPresent({ name, kind: 'dblock', sizeBytes, sha256: about.sha256 })
  for (const { name: entryName, hash, sizeBytes: blockBytes } of blocksIn(open.archive)) {
    index.blocks.add(hash, { volumeId, sizeBytes: blockBytes })
    if (wantsList?.(hash)) keepBlocklist(open, { name: entryName, hash }, index)
  }
}

/** What is wrong with one volume and says nothing of the others. */
export function costsOneVolume(
  error: unknown,
  { purpose }: { readonly purpose: Loading['purpose'] },
): error is PullbackError {
  if (isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported', 'DestinationFileMissing')) return true
  if (purpose === 'index') return false
  return isPullbackError(
    error,
    'DestinationFailed',
    'DestinationPermission',
    // As a dindex may call a dblock.
    'DestinationNameUnusable',
  )
}

/** A damaged volume costs what only it holds, nothing else. */
async function tolerate(loading: Loading, volume: ListedVolume, load: () => Promise<void>): Promise<void> {
  try {
    await load()
  } catch (error) {
    if (!costsOneVolume(error, loading)) throw error
    loading.warn(error)
    const { name, sizeBytes, parsed } = volume
    const { volumes } = loading.index
    const id = volumes.find(name)?.id ?? volumes.addPresent({ name, kind: parsed.kind, sizeBytes })
    volumes.noteDamage(id, error.what)
    if (parsed.kind === 'dblock' && loading.purpose === 'index') loading.index.blocks.dropVolumes([id])
  }
  loading.watch?.taken(volume)
}

/**
 * The hashes that a blocklist holds: from a dindex if one had it, else from the dblock that holds it as a block.
 * Undefined when it is nowhere to be had; what was wrong has been told then.
 */
export async function findBlocklist(loading: Loading, hash: Buffer): Promise<Buffer | undefined> {
  const { index, fetching } = loading
  const known = index.blocks.blocklist(hash)
  if (known) return known
  for (const place of index.blocks.places(hash)) {
    const volume = index.volumes.get(place.volumeId)
    if (!volume) continue
    try {
      await withVolume(fetching, { name: volume.name, sizeBytes: volume.sizeBytes ?? 0 }, (open) =>
        keepBlocklists(open, loading),
      )
    } catch (error) {
      if (!costsOneVolume(error, loading)) throw error
      loading.warn(error)
    }
    const found = index.blocks.blocklist(hash)
    if (found) return found
  }
  return undefined
}

/** While a dblock is open for one blocklist, all that look like one are kept: the others are likely to be asked for. */
function keepBlocklists(open: OpenVolume, loading: Loading): void {
  for (const { name, hash, sizeBytes } of blocksIn(open.archive)) {
    if (sizeBytes % sha256Length !== 0 || sizeBytes === 0) continue
    keepBlocklist(open, { name, hash }, loading.index)
  }
}

function keepBlocklist(
  open: OpenVolume,
  block: { readonly name: string; readonly hash: Buffer },
  { blocks }: Index,
): void {
  const bytes = readIfSound(open, block.name)
  if (bytes && sha256(bytes).equals(block.hash)) blocks.addBlocklist(block.hash, bytes)
}

function readIfSound(open: OpenVolume, entryName: string): Buffer | undefined {
  try {
    return open.archive.read(entryName, open.manifest.blocksize)
  } catch (error) {
    if (!isPullbackError(error, 'VolumeDamaged', 'FormatUnsupported')) throw error
    return undefined
  }
}

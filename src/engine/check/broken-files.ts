// The entries of each version that cannot come back: for want of blocks that are lost, or if some volumes were lost.
import { PullbackError } from '../../base/errors.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { RunContext } from '../run-context.ts'
import { withOpenSet, type BackupSet } from '../set/open-set.ts'
import { brokenEntries } from './broken-entries.ts'
import type { KnownBlocks } from './stored-content.ts'

export interface BrokenFile {
  readonly path: string
  readonly sizeBytes: number
  /** Its content; else only its times, mode and owner. */
  readonly contentLost: boolean
}

export interface BrokenVersion {
  /** 0 is the newest. */
  readonly number: number
  readonly timeMs: number
  /** Its own file list is among the volumes that were named. */
  readonly listLost: boolean
  /** All of them; `files` may be the first few. */
  readonly count: number
  readonly files: readonly BrokenFile[]
}

export interface BrokenReport {
  /** Newest first; versions without any are left out. */
  readonly versions: readonly BrokenVersion[]
  readonly warnings: readonly string[]
}

export interface BrokenJob extends BackupSet {
  /** At most so many files of each version are named. */
  readonly listed: number
}

export async function listBrokenFiles({ listed, ...set }: BrokenJob, run: RunContext): Promise<BrokenReport> {
  return withOpenSet({ set, run, sends: false }, async ({ index, warnings }) => ({
    versions: brokenVersions(index, { listed, blocks: index.blocks, lists: new Set() }),
    warnings,
  }))
}

/** What would not come back without these volumes. `NothingMatches` for a name that is none of the backup. */
export async function affectedBy(
  { names, listed, ...set }: BrokenJob & { readonly names: readonly string[] },
  run: RunContext,
): Promise<BrokenReport> {
  return withOpenSet({ set, run, sends: false }, async ({ index, warnings }) => {
    const ids = new Set(names.map((name) => idOf(index, name)))
    const blocks: KnownBlocks = {
      has: (hash) => index.blocks.places(hash).some(({ volumeId }) => !ids.has(volumeId)),
      blocklist: (hash) => index.blocks.blocklist(hash),
    }
    return { versions: brokenVersions(index, { listed, blocks, lists: ids }), warnings }
  })
}

function idOf(index: Index, name: string): number {
  const row = index.volumes.find(name)
  if (row) return row.id
  throw new PullbackError('NothingMatches', {
    what: `the backup has no volume ${name}`,
    subject: name,
    advice: 'Name the file as it is called at the destination, without its folder.',
  })
}

function brokenVersions(
  index: Index,
  by: { listed: number; blocks: KnownBlocks; lists: ReadonlySet<number> },
): BrokenVersion[] {
  const versions = index.versions
    .all()
    .filter(({ state }) => state === 'complete')
    .toReversed()
    .map(({ id, timeMs, dlistId = 0 }, number) => {
      const files: BrokenFile[] = []
      return { id, number, timeMs, listLost: by.lists.has(dlistId), count: 0, files }
    })
  for (const { since, until = Infinity, path, content, contentLost } of brokenEntries(index, by.blocks)) {
    for (const version of versions) {
      if (version.id < since || version.id >= until) continue
      version.count += 1
      if (version.files.length < by.listed)
        version.files.push({ path, sizeBytes: content.sizeBytes, contentLost })
    }
  }
  return versions
    .filter(({ count, listLost }) => count > 0 || listLost)
    .map(({ number, timeMs, listLost, count, files }) => ({ number, timeMs, listLost, count, files }))
}

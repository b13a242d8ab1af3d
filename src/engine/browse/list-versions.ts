// What versions a destination holds, and what each has in it, read from the file lists alone. A list that cannot be
// read is told of in its place; the others are not affected.
import { isPullbackError, type PullbackError } from '../../base/errors.ts'
import type { RunContext } from '../run-context.ts'
import { anyPattern } from '../select/path-pattern.ts'
import { chooseVersion, type VersionChoice } from '../restore/choose-version.ts'
import { Spool } from '../spool.ts'
import { checkPassphrase } from '../volumes/check-passphrase.ts'
import { withVolume, type Fetching } from '../volumes/fetch-volume.ts'
import { demandVersions, listVolumes, type ListedDlist, type VolumeListing } from '../volumes/list-volumes.ts'
import { gapsOf, isFullVersion, readFileList } from '../volumes/read-file-list.ts'
import type { Target } from '../../targets/target.ts'
import type { GapText } from '../../format/dlist/gaps.ts'
import type { DlistEntry } from '../../format/dlist/dlist-entry.ts'

export interface BrowseJob {
  readonly target: Target
  readonly prefix: string
  readonly passphrase: string | undefined
  readonly tempFolder: string
}

export interface VersionSummary {
  /** 0 is the newest. */
  readonly number: number
  readonly timeMs: number
  readonly contents:
    | {
        readonly isFull: boolean
        readonly files: number
        readonly folders: number
        readonly links: number
        readonly bytes: number
      }
    /** Why the list cannot be read. */
    | PullbackError
}

export interface FoundEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  readonly sizeBytes: number
  /** Seconds since 1970; undefined for all but files. */
  readonly modifiedSeconds: number | undefined
}

export interface FoundInVersion {
  readonly number: number
  readonly timeMs: number
  readonly entries: readonly FoundEntry[]
}

export interface GapsOfVersion {
  readonly number: number
  readonly timeMs: number
  readonly gaps: readonly GapText[]
}

const kindOf = { File: 'file', Folder: 'folder', Symlink: 'link' } as const

/** The versions, newest first. */
export async function listVersions(job: BrowseJob, run: RunContext): Promise<VersionSummary[]> {
  return browse(job, run, async (listing, fetching) => {
    const summaries: VersionSummary[] = []
    for (const [number, dlist] of listing.dlists.toReversed().entries()) {
      summaries.push({ number, timeMs: dlist.timeMs, contents: await contentsOf(dlist, fetching) })
    }
    return summaries
  })
}

/**
 * The entries that match any of the patterns, in the versions chosen or in all; a version without a match is left out.
 */
export async function findEntries(
  job: BrowseJob & {
    readonly patterns: readonly string[]
    readonly versions: readonly VersionChoice[] | 'all'
  },
  run: RunContext,
): Promise<FoundInVersion[]> {
  const wanted = anyPattern(job.patterns)
  return browse(job, run, async (listing, fetching) => {
    const found: FoundInVersion[] = []
    for (const { dlist, number } of chosenOf(listing, job.versions)) {
      const entries = await withVolume(fetching, dlist, async (open) => {
        const matching: FoundEntry[] = []
        for await (const batch of readFileList(open)) {
          for (const entry of batch) if (wanted(entry.path)) matching.push(foundEntry(entry))
        }
        return matching
      })
      if (entries.length > 0) found.push({ number, timeMs: dlist.timeMs, entries })
    }
    return found
  })
}

/** What each of the versions does not hold as it should; those without a gap are left out. */
export async function findGaps(
  job: BrowseJob & { readonly versions: readonly VersionChoice[] | 'all' },
  run: RunContext,
): Promise<GapsOfVersion[]> {
  return browse(job, run, async (listing, fetching) => {
    const found: GapsOfVersion[] = []
    for (const { dlist, number } of chosenOf(listing, job.versions)) {
      const gaps = await withVolume(fetching, dlist, gapsOf)
      if (gaps.length > 0) found.push({ number, timeMs: dlist.timeMs, gaps })
    }
    return found
  })
}

function chosenOf(
  listing: VolumeListing,
  versions: readonly VersionChoice[] | 'all',
): { dlist: ListedDlist; number: number }[] {
  const newestFirst = listing.dlists.toReversed()
  const chosen = versions === 'all' ? newestFirst : versions.map((choice) => chooseVersion(listing, choice))
  return chosen.map((dlist) => ({ dlist, number: newestFirst.indexOf(dlist) }))
}

async function browse<T>(
  job: BrowseJob,
  run: RunContext,
  look: (listing: VolumeListing, fetching: Fetching) => Promise<T>,
): Promise<T> {
  const { target, prefix, passphrase } = job
  run.progress.phase = 'checking the destination'
  const listing = await listVolumes(target, prefix, run.signal)
  demandVersions(listing, target, prefix)
  await checkPassphrase({ target, listing, passphrase }, run.signal)
  run.progress.phase = 'reading the file list'
  const spool = Spool.scratch(job.tempFolder, run.clock)
  try {
    return await look(listing, { target, spool, passphrase, progress: run.progress, signal: run.signal })
  } finally {
    spool.close()
  }
}

async function contentsOf(dlist: ListedDlist, fetching: Fetching): Promise<VersionSummary['contents']> {
  try {
    return await withVolume(fetching, dlist, async (open) => {
      const counts = { files: 0, folders: 0, links: 0, bytes: 0 }
      for await (const batch of readFileList(open)) for (const entry of batch) countEntry(counts, entry)
      return { isFull: isFullVersion(open), ...counts }
    })
  } catch (error) {
    if (!isPullbackError(error) || error.kind !== 'integrity') throw error
    return error
  }
}

function countEntry(
  counts: { files: number; folders: number; links: number; bytes: number },
  entry: DlistEntry,
): void {
  if (entry.kind === 'File') counts.files += 1
  else if (entry.kind === 'Folder') counts.folders += 1
  else counts.links += 1
  counts.bytes += entry.sizeBytes
}

function foundEntry(entry: DlistEntry): FoundEntry {
  const { path, sizeBytes } = entry
  const modifiedSeconds = entry.kind === 'File' ? entry.modifiedSeconds : undefined
  return { path, kind: kindOf[entry.kind], sizeBytes, modifiedSeconds }
}

// The beginning and the end of every run that works on a backup with its index: lock the index, list the destination,
// check the passphrase, settle what a dead run left, and build the index again if the two disagree. What is handed to
// the work is consistent; whatever ends the work, locks and spool are given back.
import { isPullbackError } from '../../base/errors.ts'
import type { Index } from '../../index-db/open-index.ts'
import { removeOldIndex } from '../../index-db/swap-index.ts'
import type { Target } from '../../targets/target.ts'
import type { RunContext } from '../run-context.ts'
import { RebuildTally } from '../rebuild/build-beside.ts'
import type { Spool } from '../spool.ts'
import { checkPassphrase } from '../volumes/check-passphrase.ts'
import type { Fetching } from '../volumes/fetch-volume.ts'
import { listVolumes, type VolumeListing } from '../volumes/list-volumes.ts'
import { finishInterrupted } from './finish-interrupted.ts'
import { openForDryRun, openLocalFiles, type LocalFiles } from './local-files.ts'
import { rebuildIfDifferent, settleWithDestination, type Difference } from './prepare-index.ts'
import { bringBackLists } from './write-lists-again.ts'
import { writeMissingDindexes } from './write-missing-dindexes.ts'

/** One backup: where it lies, and how its volumes are named, encrypted and written. */
export interface BackupSet {
  readonly target: Target
  readonly prefix: string
  /** Undefined: not encrypted. */
  readonly passphrase: string | undefined
  readonly indexPath: string
  /** Folder below which the spool is made. */
  readonly tempFolder: string
  readonly dblockSizeBytes: number
  /** Of deflate, 0 to 9. */
  readonly level: number
  readonly appVersion: string
}

/** A set whose index agrees with its destination. */
export interface MatchedSet {
  readonly set: BackupSet
  readonly run: RunContext
  readonly index: Index
  readonly spool: Spool
  /** The destination as it was when the run began. */
  readonly listing: VolumeListing
  readonly fetching: Fetching
  /** True when the index was lost, old or broken and was built again from the destination in this run. */
  readonly indexRebuilt: boolean
  /** What was sent to the destination so far. */
  readonly sent: { files: number; bytes: number }
  /** In what the index and the destination differed before the index was built again; none if it was new. */
  readonly differences: readonly Difference[]
  /** Sentences for the report. */
  readonly warnings: string[]
}

export interface OpenSet extends MatchedSet {
  /** The time of the partial version that an interrupted run left and this one finished. */
  readonly finishedMs: number | undefined
}

interface Opening {
  readonly set: BackupSet
  readonly run: RunContext
  /** Nothing is changed, neither at the destination nor in the index. */
  readonly dryRun?: boolean
  /** False: what is not complete at the destination is left to a run that makes it so. */
  readonly sends?: boolean
  /** The work makes room: a destination that is full does not keep it from doing so. */
  readonly makesRoom?: boolean
  /** Makes an index and a destination that differ agree, as far as it can; else the index is built again. */
  readonly mend?: (differing: MatchedSet) => Promise<void>
  /** The index is built again although nothing differs. */
  readonly rebuilds?: RebuildTally
}

/** Opens the set for one piece of work. */
export async function withOpenSet<T>(about: Opening, work: (open: OpenSet) => Promise<T>): Promise<T> {
  const { set, run, dryRun = false, sends = !dryRun } = about
  run.progress.phase = 'checking the destination'
  run.progress.subject = set.target.label
  const warnings: string[] = []
  const opening = { clock: run.clock, warnings }
  const files = dryRun ? openForDryRun(set, opening) : openLocalFiles(set, opening)
  let { index } = files
  try {
    const open = await matchedSet(about, { ...files, warnings, onSwapped: (built) => void (index = built) })
    const finishedMs = sends ? await finishLeft(open, about) : undefined
    const result = await work({ ...open, finishedMs })
    if (!dryRun && !open.indexRebuilt) removeOldIndex(set.indexPath)
    return result
  } catch (error) {
    // Nothing more is written to an index that failed, nor by a run that ends as a bug: who knows what it has half
    // done. What was committed is settled when the index is opened next.
    if (!isPullbackError(error) || error.kind === 'index') index.rollback()
    throw error
  } finally {
    if (dryRun) for (const one of [index, files.index]) one.rollback()
    closeAll([index, files.index, files.spool])
  }
}

function closeAll([first, ...others]: readonly { readonly close: () => void }[]): void {
  try {
    first?.close()
  } finally {
    if (others.length > 0) closeAll(others)
  }
}

/** What earlier runs left undone; on a full destination it may have to wait for a run that finds room. */
async function finishLeft(open: MatchedSet, { makesRoom = false }: Opening): Promise<number | undefined> {
  try {
    await writeMissingDindexes(open)
    return await finishInterrupted(open)
  } catch (error) {
    if (!makesRoom || !isPullbackError(error, 'DestinationFull')) throw error
    open.warnings.push(`${error.what}; what an interrupted run left is finished when there is room`)
    return undefined
  }
}

async function matchedSet(
  { set, run, dryRun = false, sends = !dryRun, mend = sends ? bringBackLists : undefined, rebuilds }: Opening,
  {
    index,
    spool,
    warnings,
    onSwapped,
  }: LocalFiles & Pick<MatchedSet, 'warnings'> & { onSwapped: (built: Index) => void },
): Promise<MatchedSet> {
  const { target, prefix, passphrase } = set
  const listing = await listVolumes(target, prefix, run.signal)
  await checkPassphrase({ target, listing, passphrase }, run.signal)
  const fetching = { target, spool, passphrase, progress: run.progress, signal: run.signal }
  const preparation = { dryRun, clock: run.clock, fetching, warnings }
  const isNew = index.volumes.all().length === 0
  const found = await settleWithDestination(index, { ...preparation, listing })
  const differences = isNew ? [] : found
  const sent = { files: 0, bytes: 0 }
  const open = { set, run, index, spool, listing, fetching, differences, sent, warnings, indexRebuilt: false }
  if (mend && differences.length > 0) await mend(open)
  // What an index knows of a run that was cut off, the destination cannot tell.
  if (rebuilds && sends && found.length === 0) await finishInterrupted(open)
  const after = sent.files > 0 ? await listVolumes(target, prefix, run.signal) : listing
  const rebuilding = { isAskedFor: rebuilds !== undefined, tally: rebuilds ?? new RebuildTally() }
  const matched = await rebuildIfDifferent(index, { ...preparation, listing: after, rebuilding })
  onSwapped(matched)
  return { ...open, index: matched, listing: after, indexRebuilt: matched !== index }
}

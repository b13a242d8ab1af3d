// Builds the index of a backup anew because a person asks for it. The long part happens beside the index and without
// its lock: other runs go on meanwhile. Then, with the lock, what came and went since is caught up with, and the new
// index takes the place of the old one.
import { isPullbackError, type PullbackError } from '../../base/errors.ts'
import type { Pause } from '../../base/pause.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { RunContext } from '../run-context.ts'
import { withOpenSet, type BackupSet } from '../set/open-set.ts'
import { Spool } from '../spool.ts'
import { checkPassphrase } from '../volumes/check-passphrase.ts'
import { demandVersions, listVolumes, type VolumeListing } from '../volumes/list-volumes.ts'
import { buildIndex, openBeside, RebuildTally } from './build-beside.ts'

export interface RebuildJob extends BackupSet {
  /** Builds an index that is thrown away. */
  readonly dryRun: boolean
  readonly pause: Pause
}

export interface RebuildReport {
  readonly dryRun: boolean
  /** What the new index knows. */
  readonly versions: number
  readonly volumes: number
  readonly blocks: number
  /** Volumes that were fetched, by kind: a dblock only if no dindex says what is in it, or one that lies does. */
  readonly read: Readonly<RebuildTally['read']>
  readonly readBytes: number
  /** Volumes that an earlier rebuild, which was cut off, had taken in already. */
  readonly goneOnFrom: number
  readonly warnings: readonly string[]
}

/** A run that has the index is waited for: asked for again each so often, for a day at most. */
const askAgainMs = 5000
const asksAtMost = 17_280

export async function rebuildSet(
  { dryRun, pause, ...set }: RebuildJob,
  run: RunContext,
): Promise<RebuildReport> {
  const tally = new RebuildTally()
  const told: string[] = []
  run.progress.phase = 'checking the destination'
  run.progress.subject = set.target.label
  const listing = await listVolumes(set.target, set.prefix, run.signal)
  demandVersions(listing, set.target, set.prefix)
  if (!dryRun) await buildAhead({ set, run, listing, tally, told })
  for (let asked = 1; ; asked += 1) {
    try {
      return await withOpenSet({ set, run, dryRun, rebuilds: tally }, async ({ index, warnings }) => ({
        dryRun,
        ...countsOf(index),
        read: tally.read,
        readBytes: tally.readBytes,
        goneOnFrom: tally.goneOnFrom ?? 0,
        warnings: [...told, ...warnings],
      }))
    } catch (error) {
      if (!isPullbackError(error, 'IndexInUse') || asked >= asksAtMost) throw error
      run.progress.phase = 'waiting for another run'
      await pause(askAgainMs, run.signal)
    }
  }
}

/** All that the destination holds now, without the lock of the index; `IndexInUse` if another rebuild is at it. */
async function buildAhead(about: {
  set: BackupSet
  run: RunContext
  listing: VolumeListing
  tally: RebuildTally
  told: string[]
}): Promise<void> {
  const { set, run, listing, tally, told } = about
  const { target, passphrase } = set
  await checkPassphrase({ target, listing, passphrase }, run.signal)
  const index = openBeside(set.indexPath, run.clock)
  try {
    const spool = Spool.scratch(set.tempFolder, run.clock)
    try {
      const fetching = { target, spool, passphrase, progress: run.progress, signal: run.signal }
      const warn = (error: PullbackError): void => void told.push(error.what)
      await buildIndex({ fetching, listing, index, warn, purpose: 'index' }, tally)
    } finally {
      spool.close()
    }
  } catch (error) {
    index.rollback()
    throw error
  } finally {
    index.close()
  }
}

function countsOf(index: Index): Pick<RebuildReport, 'versions' | 'volumes' | 'blocks'> {
  return {
    versions: index.versions.all().length,
    volumes: index.volumes.all().length,
    blocks: index.blocks.count(),
  }
}

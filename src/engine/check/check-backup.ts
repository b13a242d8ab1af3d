// A check of a backup: some of its volumes, or all, are read to their last byte, and what is found is written into the
// index, so that coverage grows and nothing counts on a volume that is damaged. Nothing at the destination is changed.
import { throwIfAborted } from '../../base/abort.ts'
import type { PullbackError } from '../../base/errors.ts'
import { isPresent, type VolumeKind, type VolumeRow } from '../../index-db/volume-table.ts'
import type { RunContext } from '../run-context.ts'
import { withOpenSet, type BackupSet, type MatchedSet } from '../set/open-set.ts'
import { blocksIn } from '../volumes/blocks-in.ts'
import { withVolume } from '../volumes/fetch-volume.ts'
import { summarizeBroken, type BrokenSummary } from './broken-entries.ts'
import { checkVolume, isDamage } from './check-volume.ts'
import { chooseVolumes, type CheckPlan, type Rolling } from './choose-volumes.ts'
import { coverageOf, type Coverage } from './coverage.ts'
import { noteDamage } from './note-damage.ts'

export interface CheckJob extends BackupSet {
  readonly plan: CheckPlan
}

export interface FaultyVolume {
  readonly name: string
  readonly kind: VolumeKind
  readonly status: 'missing' | 'modified' | 'damaged'
  readonly error: PullbackError
}

export interface SampleReport {
  /** Volumes that were read. */
  readonly examined: Readonly<Record<VolumeKind, number>>
  readonly examinedBytes: number
  readonly faulty: readonly FaultyVolume[]
}

export interface CheckReport extends SampleReport {
  readonly coverage: Coverage
  /** What cannot be restored for want of blocks. */
  readonly broken: BrokenSummary
  readonly indexRebuilt: boolean
  readonly warnings: readonly string[]
}

const dayMs = 24 * 3600 * 1000
/** What coverage is told for when nobody asks for everything within a time. */
const usualWithinMs = 30 * dayMs

export async function checkBackup(job: CheckJob, run: RunContext): Promise<CheckReport> {
  return withOpenSet({ set: job, run, sends: false }, async (open) => {
    const known = open.index.volumes.all().filter((row) => isPresent(row) && row.damage !== undefined)
    const sampled = await checkSamples(open, job.plan, known)
    const { index, indexRebuilt, warnings, differences } = open
    const differs = differences.flatMap(faultOf)
    const nowMs = run.clock.nowMs()
    const within = { nowMs, withinMs: job.plan.everythingInMs || usualWithinMs }
    return {
      ...sampled,
      faulty: [...differs, ...sampled.faulty.filter(({ name }) => !differs.some((one) => one.name === name))],
      coverage: coverageOf(index.volumes.all(), within),
      broken: summarizeBroken(index),
      indexRebuilt,
      warnings,
    }
  })
}

/**
 * Reads the volumes that the plan asks for, and writes into the index what it found. Of those that are known to be
 * damaged only the ones that are named.
 */
export async function checkSamples(
  open: MatchedSet,
  plan: CheckPlan,
  again: readonly VolumeRow[] = [],
): Promise<SampleReport> {
  const { index, run, fetching } = open
  run.progress.phase = 'checking volumes'
  const volumes = index.volumes.all().filter((row) => isPresent(row) && row.damage === undefined)
  const before = { rolling: rollingOf(index.setting('checks')), nowMs: run.clock.nowMs() }
  const { chosen, rolling } = chooseVolumes(volumes, plan, before)
  const blockCounts = chosen.length + again.length > 0 ? index.blocks.countByVolume() : new Map()
  const check = { index, fetching, blockCounts }
  const examined = { dblock: 0, dindex: 0, dlist: 0 }
  const faulty: FaultyVolume[] = []
  let examinedBytes = 0
  index.begin()
  for (const row of [...again, ...chosen]) {
    throwIfAborted(run.signal)
    examined[row.kind] += 1
    examinedBytes += row.sizeBytes ?? 0
    try {
      const sha256 = await checkVolume(check, row)
      if (row.damage !== undefined) check.blockCounts.set(row.id, await countAgain(open, row))
      index.volumes.noteCheck(row.id, { atMs: run.clock.nowMs(), sha256 })
    } catch (error) {
      if (!isDamage(error)) throw error
      noteDamage(index, row, error.what)
      faulty.push({ name: row.name, kind: row.kind, status: 'damaged', error })
    }
    index.commit()
  }
  index.set('checks', JSON.stringify(rolling))
  index.commit()
  return { examined, examinedBytes, faulty }
}

/**
 * A dblock that was damaged and is whole again, as when a good copy was put in its place. Returns how many blocks it
 * holds.
 */
async function countAgain({ index, fetching }: MatchedSet, row: VolumeRow): Promise<number> {
  if (row.kind !== 'dblock') return 0
  const { id: volumeId, name, sizeBytes = 0 } = row
  return withVolume(fetching, { name, sizeBytes }, ({ archive }) => {
    const blocks = [...blocksIn(archive)]
    for (const block of blocks) index.blocks.add(block.hash, { volumeId, sizeBytes: block.sizeBytes })
    return blocks.length
  })
}

function faultOf(difference: MatchedSet['differences'][number]): FaultyVolume[] {
  const { name, kind, status, error } = difference
  return status === 'unknown' ? [] : [{ name, kind, status, error }]
}

function rollingOf(text: string | undefined): Rolling | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Rolling)
}

// Gives back space that no version needs: writes what is needed of wasteful and small volumes into new ones, and lets
// the old ones go. The old ones stay until every block is confirmed in a new one, and a day longer: what is deleted
// here is first only marked (delete-due.ts).
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { sha256 } from '../../base/hash.ts'
import { throwIfAborted } from '../../base/abort.ts'
import { blockEntryName } from '../../format/block-name.ts'
import { NeededBlocks, type NeededBlock } from '../../index-db/needed-blocks.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import type { VolumePress } from '../crunch/volume-press.ts'
import { findBlocklist } from '../rebuild/load-dindex.ts'
import { profileOf } from '../set/new-volume.ts'
import { openPress } from '../set/open-press.ts'
import type { MatchedSet } from '../set/open-set.ts'
import { withVolume } from '../volumes/fetch-volume.ts'
import type { OpenVolume } from '../volumes/read-volume-file.ts'
import { planCompact, type CompactPlan, type CompactRules, type CompactStep } from './compact-plan.ts'

export interface CompactOrder {
  readonly rules: CompactRules
  /** From marking to deleting. */
  readonly deleteAfterMs: number
  readonly dryRun: boolean
}

export interface CompactReport {
  readonly dryRun: boolean
  readonly dropped: readonly CompactStep[]
  readonly rewritten: readonly CompactStep[]
  /** Volumes that could not be read: they stay as they are. */
  readonly unreadable: readonly { readonly name: string; readonly error: PullbackError }[]
  /** Sizes of the files that go, and of those that took their place. */
  readonly freedBytes: number
  readonly writtenBytes: number
  /** When what was marked may go from the destination, in milliseconds since 1970; undefined if nothing was. */
  readonly deleteFromMs: number | undefined
}

/** `BlocksMissing` or `FileListUnknown` when the index cannot say for every block whether it is needed. */
export async function compactSet(open: MatchedSet, order: CompactOrder): Promise<CompactReport> {
  const { index, run } = open
  run.progress.phase = 'looking for waste'
  index.begin()
  const needed = await collectNeeded(open)
  const plan = planCompact(volumesOf(open, needed), order.rules)
  if (order.dryRun || plan.drop.length + plan.rewrite.length === 0) {
    return reportOf(plan, { open, dryRun: order.dryRun, writtenBytes: 0, unreadable: [] })
  }
  const before = open.sent.bytes
  const unreadable = plan.rewrite.length > 0 ? await rewrite(open, plan.rewrite, needed) : new Map()
  const going = [...plan.drop, ...plan.rewrite].filter(({ volumeId }) => !unreadable.has(volumeId))
  const deleteFromMs = run.clock.nowMs() + order.deleteAfterMs
  letGo(open, { needed, going, deleteFromMs })
  const written = { writtenBytes: open.sent.bytes - before, unreadable: [...unreadable.values()] }
  const done = {
    drop: plan.drop,
    rewrite: plan.rewrite.filter(({ volumeId }) => !unreadable.has(volumeId)),
  }
  return reportOf(done, { open, dryRun: false, ...written, deleteFromMs })
}

/** Which blocks are needed, with the contents of every blocklist known. */
export async function collectNeeded(open: MatchedSet): Promise<NeededBlocks> {
  refuseUnknownLists(open)
  const { index, listing, fetching, warnings } = open
  const needed = new NeededBlocks(index.database)
  let unknown = needed.collect()
  if (unknown.length > 0) {
    const warn = (error: PullbackError): void => void warnings.push(error.what)
    for (const list of unknown) {
      await findBlocklist({ index, listing, fetching, warn, purpose: 'index' }, list)
    }
    unknown = needed.collect()
  }
  const [missing] = unknown.length > 0 ? unknown : needed.missing()
  if (!missing) return needed
  throw new PullbackError('BlocksMissing', {
    what: `versions need blocks that no volume of the backup holds, ${missing.toString('base64')} for one`,
    subject: open.set.target.label,
  })
}

/** A file list that could not be read, or that a purge could not delete, may need what the index calls waste. */
function refuseUnknownLists({ index }: MatchedSet): void {
  const known = new Set(index.versions.all().map(({ dlistId }) => dlistId))
  const unknown = index.volumes
    .all()
    .find((row) => row.kind === 'dlist' && row.state !== 'deleted' && !known.has(row.id))
  if (!unknown) return
  throw new PullbackError('FileListUnknown', {
    what: `the file list ${unknown.name} is no version that the index knows`,
    subject: unknown.name,
  })
}

function volumesOf({ index }: MatchedSet, needed: NeededBlocks): Parameters<typeof planCompact>[0] {
  const use = new Map(needed.use().map((one) => [one.volumeId, one]))
  const present = index.volumes.all().filter((row) => row.kind === 'dblock' && isPresent(row))
  return present.map(({ id, name, sizeBytes = 0 }) => {
    const { bytes = 0, neededBytes = 0, neededBlocks = 0 } = use.get(id) ?? {}
    return { volumeId: id, name, sizeBytes, bytes, neededBytes, neededBlocks }
  })
}

/** Writes what is needed of these volumes anew and waits until it is confirmed. Returns those that cannot be read. */
async function rewrite(
  open: MatchedSet,
  steps: readonly CompactStep[],
  needed: NeededBlocks,
): Promise<Map<number, { name: string; error: PullbackError }>> {
  const { index, run } = open
  const unreadable = new Map<number, { name: string; error: PullbackError }>()
  const profile = profileOf(open, Number(index.setting('blocksize')))
  const press = openPress(open, profile)
  const blocks = needed.blocksOf(steps.map(({ volumeId }) => volumeId))
  run.progress.phase = 'writing volumes anew'
  try {
    let next = blocks.next()
    while (!next.done) {
      const { volumeId } = next.value
      const wanted: NeededBlock[] = []
      for (; !next.done && next.value.volumeId === volumeId; next = blocks.next()) wanted.push(next.value)
      const volume = index.volumes.get(volumeId)
      if (!volume) continue
      throwIfAborted(run.signal)
      const { name, sizeBytes = 0 } = volume
      try {
        await withVolume(open.fetching, { name, sizeBytes }, async (found) =>
          copyBlocks(found, wanted, { open, press }),
        )
      } catch (error) {
        if (!isPullbackError(error) || error.kind !== 'integrity' || error.code === 'WriteCheckFailed')
          throw error
        unreadable.set(volumeId, { name, error })
      }
    }
    await press.finish(run.giveUp)
  } finally {
    await press.end()
  }
  return unreadable
}

async function copyBlocks(
  found: OpenVolume,
  wanted: readonly NeededBlock[],
  to: { readonly open: MatchedSet; readonly press: VolumePress },
): Promise<void> {
  const { open, press } = to
  const { index, run } = open
  for (const { hash, isBlocklist } of wanted) {
    const bytes = found.archive.read(blockEntryName(hash), found.manifest.blocksize)
    if (!sha256(bytes).equals(hash)) {
      throw new PullbackError('VolumeDamaged', {
        what: `block ${hash.toString('base64')} is not what its name says`,
      })
    }
    const slab = press.slab?.hasRoom(bytes.length) ? press.slab : await press.nextSlab(run.signal)
    slab.tail().set(bytes)
    slab.keep(hash, bytes.length, { compress: !isBlocklist, isBlocklist })
    index.blocks.add(hash, { volumeId: slab.volumeId, sizeBytes: bytes.length })
  }
}

/** In one step: nobody counts on these volumes any more, and they are marked to go. */
function letGo(
  open: MatchedSet,
  about: { needed: NeededBlocks; going: readonly CompactStep[]; deleteFromMs: number },
): void {
  const { index } = open
  const ids = new Set(about.going.map(({ volumeId }) => volumeId))
  const lost = about.needed.onlyIn([...ids])
  if (lost > 0) {
    throw new PullbackError('BlocksMissing', {
      what: `${lost} blocks are needed and would have gone with their volumes`,
      subject: open.set.target.label,
    })
  }
  index.blocks.dropVolumes([...ids])
  for (const row of index.volumes.all()) {
    const describesGoing = row.kind === 'dindex' && row.describes !== undefined && ids.has(row.describes)
    if (ids.has(row.id) || describesGoing) index.volumes.markDeleting(row.id, about.deleteFromMs)
  }
  index.commit()
}

function reportOf(
  plan: CompactPlan,
  about: {
    open: MatchedSet
    dryRun: boolean
    writtenBytes: number
    unreadable: CompactReport['unreadable']
    deleteFromMs?: number
  },
): CompactReport {
  const { dryRun, writtenBytes, unreadable, deleteFromMs } = about
  const { drop: dropped, rewrite: rewritten } = plan
  const freedBytes = [...dropped, ...rewritten].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { dryRun, dropped, rewritten, unreadable, freedBytes, writtenBytes, deleteFromMs }
}

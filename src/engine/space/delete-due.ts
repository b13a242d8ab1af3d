// Deletes from the destination what was marked to go and has waited long enough. Slowly, and only on a second look: the
// destination is listed again, every needed block must be in a volume that stays, and a dindex goes before its dblock,
// so that no index is ever left that speaks of a volume which is gone. Each step is in the index before it happens:
// whoever dies here goes on from the rows.
import { throwIfAborted } from '../../base/abort.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'
import { everyVolume, listVolumes } from '../volumes/list-volumes.ts'
import type { MatchedSet } from '../set/open-set.ts'
import { collectNeeded } from './compact-set.ts'

/** After a pause of this length (a laptop asleep, a debugger) the destination is looked at again before deleting. */
const listingIsOldMs = 5 * 60_000

export interface DeletedVolumes {
  readonly files: number
  readonly bytes: number
  /** Marked and not yet due. */
  readonly waiting: number
}

/** Nothing goes in a run that had to build the index again: it may know too little to delete by. */
export async function deleteDue(open: MatchedSet): Promise<DeletedVolumes> {
  const { index, run, indexRebuilt } = open
  index.begin()
  forgetDeleted(open)
  const marked = index.volumes.all().filter(({ state }) => state === 'deleting')
  const due = marked.filter((row) => row.kind !== 'dlist' && (row.notBeforeMs ?? 0) <= run.clock.nowMs())
  if (indexRebuilt || due.length === 0) return { files: 0, bytes: 0, waiting: marked.length }
  run.progress.phase = 'deleting volumes'
  // Throws when a needed block is in no volume that stays.
  await collectNeeded(open)
  const deletion = new Deletion(open)
  for (const kind of ['dindex', 'dblock'] as const) {
    for (const row of due) {
      if (row.kind === kind && !(await deletion.remove(row)))
        return { ...deletion.done, waiting: marked.length }
    }
  }
  return { ...deletion.done, waiting: marked.length - deletion.done.files }
}

/** A name that was deleted is kept in mind until a listing no longer shows it; one that came back is deleted again. */
function forgetDeleted({ index, listing }: MatchedSet): void {
  const listed = new Set([...everyVolume(listing)].map(({ name }) => name))
  for (const row of index.volumes.all()) {
    if (row.state !== 'deleted') continue
    if (listed.has(row.name)) index.volumes.markDeleting(row.id, row.notBeforeMs ?? 0)
    else index.volumes.remove(row.id)
  }
}

class Deletion {
  readonly #open: MatchedSet
  #listed: ReadonlySet<string> = new Set()
  #listedAt = { monotonicMs: Number.NEGATIVE_INFINITY, nowMs: Number.NEGATIVE_INFINITY }
  done = { files: 0, bytes: 0 }

  constructor(open: MatchedSet) {
    this.#open = open
  }

  /** False when the destination does not let anything be deleted. */
  async remove(row: VolumeRow): Promise<boolean> {
    const { index, run, set, warnings } = this.#open
    throwIfAborted(run.signal)
    // The one clock stands still while the machine sleeps, the other is set by people.
    const passedMs = [
      run.clock.monotonicMs() - this.#listedAt.monotonicMs,
      run.clock.nowMs() - this.#listedAt.nowMs,
    ]
    if (passedMs.some((ms) => Math.abs(ms) > listingIsOldMs)) await this.#look()
    if (row.kind === 'dblock' && this.#isDescribed(row)) return true
    try {
      if (this.#listed.has(row.name)) await set.target.delete(row.name, run.giveUp)
    } catch (error) {
      if (!isPullbackError(error, 'DestinationPermission')) throw error
      warnings.push(`${set.target.label} lets nothing be deleted; what is not needed any more stays there`)
      return false
    }
    index.volumes.setState(row.id, 'deleted')
    index.commit()
    this.done = { files: this.done.files + 1, bytes: this.done.bytes + (row.sizeBytes ?? 0) }
    return true
  }

  /** `DestinationChanged` when the destination does not show what this index counts on. */
  async #look(): Promise<void> {
    const { index, run, set } = this.#open
    const listing = await listVolumes(set.target, set.prefix, run.signal)
    this.#listed = new Set([...everyVolume(listing)].map(({ name }) => name))
    this.#listedAt = { monotonicMs: run.clock.monotonicMs(), nowMs: run.clock.nowMs() }
    const known = new Set(index.volumes.all().map(({ name }) => name))
    const foreign = [...this.#listed].find((name) => !known.has(name))
    const gone = index.volumes.all().find((row) => isPresent(row) && !this.#listed.has(row.name))
    if (foreign === undefined && !gone) return
    throw new PullbackError('DestinationChanged', {
      what:
        foreign === undefined
          ? `${gone?.name} is gone from ${set.target.label}`
          : `somebody else wrote ${foreign}`,
      subject: set.target.label,
    })
  }

  /** A dindex that is still there speaks of it: one that could not go, or one that describes others as well. */
  #isDescribed(dblock: VolumeRow): boolean {
    return this.#open.index.volumes
      .all()
      .some((row) => row.kind === 'dindex' && row.describes === dblock.id && row.state !== 'deleted')
  }
}

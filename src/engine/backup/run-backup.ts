// One backup run, from the first look at the destination to the confirmed version. Its order is the promise: blocks are
// at the destination before the file list that needs them, and the file list is the commit. Whatever ends the run
// before leaves every earlier version as it was; what was uploaded counts for the next run.
import { throwIfAborted } from '../../base/abort.ts'
import { isPullbackError } from '../../base/errors.ts'
import type { RunContext } from '../run-context.ts'
import { checkArrival } from '../set/check-arrival.ts'
import { commitVersion } from '../set/commit-version.ts'
import { profileOf } from '../set/new-volume.ts'
import { openPress } from '../set/open-press.ts'
import { withOpenSet, type OpenSet } from '../set/open-set.ts'
import { takeBackUnfinished } from '../set/take-back.ts'
import { writeMissingDindexes } from '../set/write-missing-dindexes.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { BackupJob, BackupReport } from './backup-job.ts'
import { collectSource } from './collect-source.ts'
import { ContentStore } from './content-store.ts'
import { blocksizeOf } from './fixed-options.ts'
import { removeOtherRoots } from './remove-other-roots.ts'
import { Tally } from './tally.ts'

const secondMs = 1000

export async function runBackup(job: BackupJob, run: RunContext): Promise<BackupReport> {
  return withOpenSet({ set: job, run, dryRun: job.dryRun }, (open) => new BackupRun(job, open).execute())
}

class BackupRun {
  readonly #job: BackupJob
  readonly #open: OpenSet
  readonly #tally = new Tally()

  constructor(job: BackupJob, open: OpenSet) {
    this.#job = job
    this.#open = open
  }

  async execute(): Promise<BackupReport> {
    const { index, indexRebuilt } = this.#open
    index.begin()
    const profile = profileOf(this.#open, blocksizeOf(index, this.#job.blocksize))
    if (!this.#job.dryRun) await writeMissingDindexes(this.#open, profile)
    const timeMs = this.#versionTime()
    const versionId = index.versions.begin(timeMs)
    try {
      const version = await this.#makeVersion({ profile, timeMs, versionId })
      return { ...this.#report(), version, indexRebuilt }
    } catch (error) {
      // What cannot be written to the index now is taken back when it is opened next.
      if (!isPullbackError(error) || error.kind !== 'index') this.#takeBack()
      throw error
    }
  }

  async #makeVersion(plan: {
    profile: VolumeProfile
    timeMs: number
    versionId: number
  }): Promise<BackupReport['version']> {
    const { run, index } = this.#open
    const job = this.#job
    const tally = this.#tally
    const { versionId } = plan
    const press = openPress(this.#open, plan.profile)
    try {
      const stores = { index, press, blocksize: plan.profile.blocksize, tally, signal: run.signal }
      const store = job.dryRun ? undefined : new ContentStore(stores)
      await this.#collect(versionId, store)
      run.progress.phase = 'finishing volumes'
      await press.finish(run.signal)
    } finally {
      await press.end()
    }
    const isFull = tally.lostSources.length === 0 && !tally.carriedOver
    const changed = index.entries.differs(versionId) || (isFull && this.#lastWasPartial(versionId))
    if (job.dryRun || !(changed || job.uploadUnchanged)) {
      this.#takeBack()
      return undefined
    }
    const { timeMs, profile } = plan
    const dlistName = await commitVersion(this.#open, { versionId, timeMs, isFull }, profile)
    await checkArrival(this.#open)
    index.commit()
    return { timeMs, dlistName, isFull }
  }

  async #collect(versionId: number, store: ContentStore | undefined): Promise<void> {
    const { run, index, warnings } = this.#open
    const { sources, rules } = this.#job
    const tally = this.#tally
    for (const backedUp of sources) {
      const { source } = backedUp
      try {
        await collectSource(backedUp, { rules, index, versionId, store, tally, run, warnings })
      } catch (error) {
        if (!isPullbackError(error) || error.kind !== 'source-gone') throw error
        if (sources.length === 1) throw error
        tally.lostSources.push({ label: source.label, error })
      } finally {
        await source.close()
      }
    }
    run.progress.allFound = true
    throwIfAborted(run.signal)
    const [lost] = tally.lostSources
    if (lost && tally.lostSources.length === sources.length) throw lost.error
    tally.entriesRemoved += removeOtherRoots(
      index,
      sources.map((one) => one.mountPath),
      versionId,
    )
  }

  /** Now, in whole seconds, and later than every version there is, whatever the clock says. */
  #versionTime(): number {
    const { run, index, warnings } = this.#open
    const nowMs = Math.floor(run.clock.nowMs() / secondMs) * secondMs
    const newestMs = index.versions.all().at(-1)?.timeMs ?? 0
    if (nowMs > newestMs) return nowMs
    if (newestMs - nowMs > 60 * secondMs) {
      warnings.push(
        'the clock of this machine is behind the newest version; the new one is dated just after it',
      )
    }
    return newestMs + secondMs
  }

  #lastWasPartial(versionId: number): boolean {
    const before = this.#open.index.versions.all().filter((version) => version.id !== versionId)
    return before.at(-1)?.isFull === false
  }

  #takeBack(): void {
    const { index } = this.#open
    index.begin()
    takeBackUnfinished(index)
    index.commit()
  }

  #report(): Omit<BackupReport, 'version' | 'indexRebuilt'> {
    const { sent, warnings } = this.#open
    const { files, folders, links, carriedOver: _carriedOver, ...counts } = this.#tally
    const uploaded = { uploadedFiles: sent.files, uploadedBytes: sent.bytes }
    return { ...counts, ...uploaded, warnings, dryRun: this.#job.dryRun, entries: { files, folders, links } }
  }
}

// One backup run, from the first look at the destination to the confirmed version. Its order is the promise: blocks are
// at the destination before the file list that needs them, and the file list is the commit. Whatever ends the run
// before leaves every earlier version as it was; what was uploaded counts for the next run.
import { cancelled, throwIfAborted } from '../../base/abort.ts'
import { isPullbackError, meaningHere } from '../../base/errors.ts'
import { GoneEntries, SureEntries } from '../../index-db/entry-notes.ts'
import type { RunContext } from '../run-context.ts'
import { checkArrival } from '../set/check-arrival.ts'
import { commitVersion, writeVersionList, type WrittenList } from '../set/commit-version.ts'
import { dlistName, profileOf } from '../set/new-volume.ts'
import { openPress } from '../set/open-press.ts'
import { withOpenSet, type OpenSet } from '../set/open-set.ts'
import { takeBackUnfinished } from '../set/take-back.ts'
import { tidySpace } from '../space/tidy-space.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { BackupJob, BackupReport, BackupSource } from './backup-job.ts'
import { collectSource } from './collect-source.ts'
import { ContentStore } from './content-store.ts'
import { blocksizeOf } from './fixed-options.ts'
import { refuseShrunk, sourcesEmptied } from './refuse-shrunk.ts'
import { RereadTurn } from './reread-turn.ts'
import { hasOtherRoots, removeFolderless, removeOtherRoots, takeBackSource } from './source-roots.ts'
import { sampleVolumes } from './sample-volumes.ts'
import { Tally } from './tally.ts'
import { thinVersions } from './thin-versions.ts'

const secondMs = 1000

export async function runBackup(job: BackupJob, run: RunContext): Promise<BackupReport> {
  return withOpenSet({ set: job, run, dryRun: job.dryRun }, (open) => new BackupRun(job, open).execute())
}

class BackupRun {
  readonly #job: BackupJob
  readonly #open: OpenSet
  readonly #tally = new Tally()
  readonly #turn: RereadTurn
  readonly #sure: SureEntries

  constructor(job: BackupJob, open: OpenSet) {
    this.#job = job
    this.#open = open
    this.#sure = new SureEntries(open.index)
    this.#turn = new RereadTurn(open.index, open.run.clock.nowMs(), job.rereadDays)
  }

  async execute(): Promise<BackupReport> {
    const { index } = this.#open
    index.begin()
    const profile = profileOf(this.#open, blocksizeOf(index, this.#job.blocksize))
    const timeMs = this.#versionTime()
    const versionId = index.versions.begin(timeMs)
    // Whatever ends the run from here on: what it saw and stored is the beginning of the next one.
    const version = await this.#makeVersion({ profile, timeMs, versionId })
    this.#warnOfSilentChanges()
    const isOver = this.#job.dryRun || this.#tally.stopped
    const retention = isOver ? undefined : await thinVersions(this.#open, this.#job.retention)
    const versionsDeleted = (retention?.deletedMs.length ?? 0) > 0
    const space = isOver ? undefined : await tidySpace(this.#open, this.#job.space, { versionsDeleted })
    const samples = isOver ? undefined : await sampleVolumes(this.#open, this.#job.samples)
    return { ...this.#report(), version, retention, space, samples }
  }

  async #makeVersion(plan: {
    profile: VolumeProfile
    timeMs: number
    versionId: number
  }): Promise<BackupReport['version']> {
    const { run, index } = this.#open
    const { profile, timeMs, versionId } = plan
    const press = openPress(this.#open, profile)
    let list: WrittenList | undefined
    let version = { versionId, timeMs, isFull: false }
    try {
      const stores = { index, press, blocksize: profile.blocksize, tally: this.#tally, signal: run.signal }
      await this.#collect(versionId, this.#job.dryRun ? undefined : new ContentStore(stores))
      run.progress.phase = 'finishing volumes'
      const finished = press.finish(run.giveUp)
      // Looked at when the list is written, which is done while the threads finish.
      finished.catch(() => undefined)
      version = { ...version, isFull: this.#isFull() }
      if (!this.#job.dryRun && this.#isToBeMade(version)) {
        list = await writeVersionList(this.#open, version, profile)
      }
      await finished
      this.#sure.write()
    } finally {
      await press.end()
    }
    if (this.#job.dryRun) return undefined
    if (!this.#tally.stopped) this.#turn.done(index)
    if (!list) {
      takeBackUnfinished(index)
      index.commit()
      if (this.#tally.stopped) throw cancelled()
      return undefined
    }
    await commitVersion(this.#open, version, list)
    await checkArrival(this.#open)
    index.commit()
    return { timeMs, dlistName: list.name, isFull: version.isFull }
  }

  #isToBeMade({ versionId, isFull }: { readonly versionId: number; readonly isFull: boolean }): boolean {
    if (this.#job.uploadUnchanged || this.#open.index.entries.differs(versionId)) return true
    return isFull && this.#lastWasPartial(versionId)
  }

  #isFull(): boolean {
    const { lostSources, carriedOver, stopped } = this.#tally
    return lostSources.length === 0 && !carriedOver && !stopped
  }

  async #collect(versionId: number, store: ContentStore | undefined): Promise<void> {
    const { run, index } = this.#open
    const tally = this.#tally
    try {
      for (const backedUp of this.#job.sources) await this.#collectSource(backedUp, versionId, store)
    } catch (error) {
      if (!isPullbackError(error, 'Cancelled') || run.giveUp.aborted || !store) throw error
      tally.stopped = true
      return
    }
    run.progress.allFound = true
    const [lost] = tally.lostSources
    if (lost && tally.lostSources.length === this.#job.sources.length) throw lost.error
    const { sources, allowRemoval } = this.#job
    const mountPaths = sources.map((one) => one.mountPath)
    if (tally.files + tally.links === 0 && !allowRemoval && hasOtherRoots(index, mountPaths)) {
      for (const path of mountPaths) takeBackSource(index, path, versionId)
      throw sourcesEmptied(sources.map(({ source }) => source.label))
    }
    tally.entriesRemoved += removeOtherRoots(index, mountPaths, versionId)
  }

  async #collectSource(
    backedUp: BackupSource,
    versionId: number,
    store: ContentStore | undefined,
  ): Promise<void> {
    const { run, index, indexRebuilt, warnings } = this.#open
    const { source, mountPath } = backedUp
    const tally = this.#tally
    try {
      const before = tally.balance()
      const { rules } = this.#job
      const gone = new GoneEntries(index)
      const notes = { turn: this.#turn, sure: this.#sure, gone }
      await collectSource(backedUp, { rules, index, versionId, store, tally, run, warnings, ...notes })
      throwIfAborted(run.signal)
      // Nothing is waited for from here to the verdict: what is taken back was never on the disk.
      const { removed, missed } = gone.end(versionId)
      tally.gone += removed + missed
      if (!this.#job.allowRemoval) refuseShrunk(source.label, before, tally.balance())
      tally.entriesRemoved += removed
      if (indexRebuilt || this.#lastWasPartial(versionId)) {
        tally.entriesRemoved += removeFolderless(index, mountPath, versionId)
      }
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'source-gone') throw error
      if (error.code === 'SourceShrunk') takeBackSource(index, mountPath, versionId)
      if (this.#job.sources.length === 1) throw error
      tally.lostSources.push({ label: source.label, error })
      index.gaps.add(versionId, { path: mountPath, code: error.code, what: error.what })
    } finally {
      await source.close()
    }
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
    // Throws when no name can say that time: before anything is read, not after.
    dlistName(this.#open, newestMs + secondMs)
    return newestMs + secondMs
  }

  #lastWasPartial(versionId: number): boolean {
    const before = this.#open.index.versions.all().filter((version) => version.id !== versionId)
    return before.at(-1)?.isFull === false
  }

  #warnOfSilentChanges(): void {
    const { silentChanges, firstSilentChange } = this.#tally
    if (silentChanges === 0) return
    this.#open.warnings.push(
      `${silentChanges} files were read again and had changed although their time and length had not, ` +
        `${firstSilentChange} among them: a program set times back, or a disk is failing`,
    )
  }

  #report(): Omit<BackupReport, 'version' | 'retention' | 'space' | 'samples'> {
    const { sent, warnings, indexRebuilt, finishedMs } = this.#open
    const { lostSources, ...counts } = this.#tally.report()
    return {
      ...counts,
      dryRun: this.#job.dryRun,
      indexRebuilt,
      finishedMs,
      uploadedFiles: sent.files,
      uploadedBytes: sent.bytes,
      warnings,
      lostSources: lostSources.map(({ label, error }) => ({ label, error: meaningHere(error, keptAsItWas) })),
    }
  }
}

/** Other sources made a version: what that means for this one's files is another sentence. */
const keptAsItWas =
  'The new version keeps what the last one has of it and is partial; earlier versions are untouched.'

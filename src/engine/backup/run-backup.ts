// One backup run, from the first look at the destination to the confirmed version. Its order is the promise: blocks are
// at the destination before the file list that needs them, and the file list is the commit. Whatever ends the run
// before leaves every earlier version as it was; what was uploaded counts for the next run.
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { throwIfAborted } from '../../base/abort.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { randomHex } from '../../base/randomness.ts'
import { formatVolumeName } from '../../format/volume-name.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { OpenPair } from '../crunch/press-lane.ts'
import { VolumePress } from '../crunch/volume-press.ts'
import { Spool } from '../spool.ts'
import { checkPassphrase } from '../volumes/check-passphrase.ts'
import type { Fetching } from '../volumes/fetch-volume.ts'
import { listVolumes } from '../volumes/list-volumes.ts'
import type { FinishedPair } from '../volumes/volume-pair-writer.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'
import type { BackupJob, BackupReport, RunContext } from './backup-job.ts'
import { collectSource } from './collect-source.ts'
import { ContentStore } from './content-store.ts'
import { blocksizeOf } from './fixed-options.ts'
import { matchWithDestination, openOrReplaceIndex } from './prepare-index.ts'
import { removeOtherRoots } from './remove-other-roots.ts'
import { takeBackUnfinished } from '../take-back.ts'
import { Tally } from './tally.ts'
import { uploadVolume, type Uploads } from './upload.ts'
import { writeMissingDindexes } from './write-missing-dindexes.ts'
import { writeFileList } from './write-file-list.ts'

/** As stock's asynchronous-upload-limit: volumes finished and waiting, besides those being filled. */
const maxWaitingPairs = 4
const maxThreads = 4
const secondMs = 1000

export async function runBackup(job: BackupJob, run: RunContext): Promise<BackupReport> {
  const tally = new Tally()
  run.progress.phase = 'checking the destination'
  run.progress.subject = job.target.label
  const index = openOrReplaceIndex(job.indexPath, tally)
  try {
    const spool = Spool.named(job.tempFolder, spoolName(job.indexPath))
    try {
      return await new BackupRun({ job, run, tally, index, spool }).execute()
    } finally {
      spool.close()
    }
  } finally {
    index.close()
  }
}

/** Named after the index, whose lock we hold: nobody else uses this spool, and what a dead run left in it is found. */
function spoolName(indexPath: string): string {
  return `pullback-${createHash('sha256').update(indexPath).digest('hex').slice(0, 16)}`
}

interface Parts {
  readonly job: BackupJob
  readonly run: RunContext
  readonly tally: Tally
  readonly index: Index
  readonly spool: Spool
}

class BackupRun {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async execute(): Promise<BackupReport> {
    const { job, run, index, spool, tally } = this.#parts
    const { target, passphrase } = job
    const { progress, signal } = run
    const listing = await listVolumes(target, job.prefix, signal)
    await checkPassphrase({ target, listing, passphrase }, signal)
    const fetching: Fetching = { target, spool, passphrase, progress, signal }
    const preparation = { dryRun: job.dryRun, listing, fetching, tally }
    const indexRebuilt = await matchWithDestination(index, preparation)
    index.begin()
    const profile = this.#profile(blocksizeOf(index, job.blocksize))
    if (!job.dryRun) {
      const { randomness } = run
      await writeMissingDindexes({ uploads: this.#uploads(), profile, randomness, prefix: job.prefix })
    }
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
    const { job, run, index, tally } = this.#parts
    const { versionId } = plan
    const press = this.#press(plan.profile)
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
    return this.#commitVersion({ ...plan, isFull })
  }

  async #collect(versionId: number, store: ContentStore | undefined): Promise<void> {
    const { job, run, index, tally } = this.#parts
    for (const backedUp of job.sources) {
      const { source } = backedUp
      try {
        await collectSource(backedUp, { index, versionId, store, tally, run })
      } catch (error) {
        if (!isPullbackError(error) || error.kind !== 'source-gone') throw error
        if (job.sources.length === 1) throw error
        tally.lostSources.push({ label: source.label, error })
      } finally {
        await source.close()
      }
    }
    run.progress.allFound = true
    throwIfAborted(run.signal)
    const [lost] = tally.lostSources
    if (lost && tally.lostSources.length === job.sources.length) throw lost.error
    tally.entriesRemoved += removeOtherRoots(
      index,
      job.sources.map((one) => one.mountPath),
      versionId,
    )
  }

  /** The file list, last of all: when it is confirmed, the version exists. */
  async #commitVersion(plan: {
    profile: VolumeProfile
    timeMs: number
    versionId: number
    isFull: boolean
  }): Promise<BackupReport['version']> {
    const { run, index, spool, job } = this.#parts
    const { profile, timeMs, versionId, isFull } = plan
    run.progress.phase = 'writing the file list'
    const name = formatVolumeName({ prefix: job.prefix, kind: 'dlist', timeMs, ...this.#extensions() })
    const { randomness } = run
    const file = await writeFileList({ index, versionId, isFull, name, spool, profile, randomness })
    throwIfAborted(run.signal)
    const dlistId = index.volumes.begin(name, 'dlist')
    const confirmed = (): void => index.versions.complete(versionId, { isFull, dlistId })
    await uploadVolume(this.#uploads(), { id: dlistId, name, confirmed }, file)
    run.progress.phase = 'checking the result'
    await this.#checkArrival()
    index.commit()
    return { timeMs, dlistName: name, isFull }
  }

  /** A last look: everything that this index counts on is listed by the destination with its size. */
  async #checkArrival(): Promise<void> {
    const { job, run, index } = this.#parts
    const listed = new Map<string, number>()
    for await (const file of job.target.list(run.signal)) listed.set(file.name, file.sizeBytes)
    for (const row of index.volumes.all()) {
      if (row.state !== 'uploaded' && row.state !== 'verified') continue
      if (listed.get(row.name) !== row.sizeBytes) {
        throw new PullbackError('DestinationFailed', {
          what: `${row.name} was confirmed by ${job.target.label} and is not listed there as it was sent`,
          subject: row.name,
        })
      }
      if (row.state === 'uploaded') index.volumes.setState(row.id, 'verified')
    }
  }

  #press(profile: VolumeProfile): VolumePress {
    const threads = Math.min(maxThreads, Math.max(1, availableParallelism()))
    return new VolumePress({
      profile,
      dblockSizeBytes: this.#parts.job.dblockSizeBytes,
      threads,
      maxPairs: threads + maxWaitingPairs,
      beginPair: () => this.#beginPair(),
      dropPair: (open) => this.#parts.index.volumes.remove(open.dblockId),
      sendPair: (open, pair) => this.#sendPair(open, pair),
    })
  }

  #beginPair(): OpenPair {
    const { job, run, index, spool } = this.#parts
    const name = (kind: 'dblock' | 'dindex'): string => {
      const id = randomHex(run.randomness, 16)
      return formatVolumeName({ prefix: job.prefix, kind, id, ...this.#extensions() })
    }
    const dblockName = name('dblock')
    const dindexName = name('dindex')
    const dblockId = index.volumes.begin(dblockName, 'dblock')
    const names = {
      dblockName,
      dindexName,
      dblockPath: spool.path(dblockName),
      dindexPath: spool.path(dindexName),
    }
    return { names, dblockId }
  }

  async #sendPair(open: OpenPair, pair: FinishedPair): Promise<void> {
    const uploads = this.#uploads()
    await uploadVolume(uploads, { id: open.dblockId, name: open.names.dblockName }, pair.dblock)
    const dindexId = this.#parts.index.volumes.begin(open.names.dindexName, 'dindex', open.dblockId)
    await uploadVolume(uploads, { id: dindexId, name: open.names.dindexName }, pair.dindex)
  }

  #uploads(): Uploads {
    const { job, run, index, spool, tally } = this.#parts
    return { target: job.target, index, spool, tally, progress: run.progress, signal: run.signal }
  }

  #extensions(): { compression: string; encryption?: string } {
    return this.#parts.job.passphrase === undefined
      ? { compression: 'zip' }
      : { compression: 'zip', encryption: 'aes' }
  }

  #profile(blocksize: number): VolumeProfile {
    const { job, run } = this.#parts
    const { passphrase, level, appVersion } = job
    return { blocksize, passphrase, level, appVersion, createdMs: run.clock.nowMs() }
  }

  /** Now, in whole seconds, and later than every version there is, whatever the clock says. */
  #versionTime(): number {
    const { run, index, tally } = this.#parts
    const nowMs = Math.floor(run.clock.nowMs() / secondMs) * secondMs
    const newestMs = index.versions.all().at(-1)?.timeMs ?? 0
    if (nowMs > newestMs) return nowMs
    if (newestMs - nowMs > 60 * secondMs) {
      tally.warnings.push(
        'the clock of this machine is behind the newest version; the new one is dated just after it',
      )
    }
    return newestMs + secondMs
  }

  #lastWasPartial(versionId: number): boolean {
    const before = this.#parts.index.versions.all().filter((version) => version.id !== versionId)
    return before.at(-1)?.isFull === false
  }

  #takeBack(): void {
    const { index } = this.#parts
    index.begin()
    takeBackUnfinished(index)
    index.commit()
  }

  #report(): Omit<BackupReport, 'version' | 'indexRebuilt'> {
    const { tally, job } = this.#parts
    const { files, folders, links, carriedOver: _carriedOver, ...counts } = tally
    return { ...counts, dryRun: job.dryRun, entries: { files, folders, links } }
  }
}

// A restore onto another machine. First everything that is there is compared, so that no volume is fetched for what is
// right already; then entries come in order, many short files side by side, long ones one by one; then links, then the
// modes and times of folders, deepest first. What a file is checked for, and when it gets its name, is as in a restore
// into a folder here.
import { isPullbackError, PullbackError } from '../../../base/errors.ts'
import type { Metadata } from '../../../format/metadata.ts'
import type { RestoreItem } from '../../../index-db/restore-plan.ts'
import type { FileToPlace, Found, Look, Receiver } from '../../../receivers/receiver.ts'
import type { RunContext } from '../../run-context.ts'
import { allTaken, namesBeside } from '../name-beside.ts'
import { PathMapper } from '../path-mapper.ts'
import type { RestoreJob, RestoreReport } from '../restore-job.ts'
import { RestoreTally } from '../restore-tally.ts'
import { withVersion, type OpenedVersion } from '../stream/open-version.ts'
import { VersionStream, type StreamedEntry } from '../stream/version-stream.ts'
import { InFlight } from './in-flight.ts'

export type MachineJob = Omit<RestoreJob, 'restorePath' | 'restoreDamaged'> & { readonly receiver: Receiver }

/** A file up to here is read as a whole and sent beside others. */
const shortBytes = 1 << 20
/** At 50 ms and four round trips a file: 1,280 files a second. */
const sideBySide = { count: 256, bytes: 32 << 20 }
const nineBits = 0o777
/** Taken off every mode without `--restore-permissions`: the umask there is not known, this is the usual one. */
const usualUmask = 0o022
const slash = Buffer.from('/')

export async function restoreToMachine(job: MachineJob, run: RunContext): Promise<RestoreReport> {
  return withVersion(job, run, async (version) => {
    const tally = new RestoreTally()
    const stream = new VersionStream(version, {
      warn: (sentence) => tally.warn(sentence),
      fail: (item, error) => tally.failed.push({ path: item.path, error }),
    })
    try {
      const isFull = await stream.readList(job.patterns)
      const restorePath = job.receiver.label
      const report = { version: { timeMs: version.dlist.timeMs, isFull }, dryRun: job.dryRun, restorePath }
      if (job.dryRun) return { ...report, ...tally.planned(stream.plan) }
      await new MachineRun({ job, run, version, tally, stream }).execute()
      run.progress.phase = 'done'
      return { ...report, ...tally.report() }
    } finally {
      await stream.close()
    }
  })
}

interface Parts {
  readonly job: MachineJob
  readonly run: RunContext
  readonly version: OpenedVersion
  readonly tally: RestoreTally
  readonly stream: VersionStream
}

interface FolderToFinish {
  readonly item: RestoreItem
  readonly path: Buffer
  readonly look: Look
}

class MachineRun {
  readonly #parts: Parts
  readonly #receiver: Receiver
  readonly #mapper: PathMapper
  readonly #signal: AbortSignal
  /** By item, where that is not its own path. */
  readonly #besides = new Map<number, Buffer>()
  readonly #claimed = new Set<string>()
  /** Of items that are there already, or cannot be placed. */
  readonly #settled = new Set<number>()
  readonly #folders: FolderToFinish[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#receiver = parts.job.receiver
    this.#signal = parts.run.signal
    this.#mapper = new PathMapper(parts.job.keepWholePaths)
  }

  async execute(): Promise<void> {
    const { run, stream } = this.#parts
    await this.#receiver.open(this.#signal)
    for (const { path, kind } of stream.plan.items()) this.#mapper.learn(path, kind)
    await this.#compare()
    await stream.prepare({ wants: ({ id }) => !this.#settled.has(id) })
    run.progress.phase = 'restoring files'
    // Links come last of the stream: nothing is written any more when the first is made.
    const work = new InFlight(sideBySide, this.#signal)
    try {
      let last: RestoreItem['kind'] = 'folder'
      for await (const entry of stream.entries()) {
        if (entry.item.kind === 'link' && last !== 'link') await work.settled()
        last = entry.item.kind
        await this.#entry(entry, work)
      }
      await work.settled()
    } finally {
      await work.idle()
    }
    run.progress.phase = 'finishing folders'
    await this.#finishFolders()
  }

  /** Decides for every file where it goes, and whether it goes at all. */
  async #compare(): Promise<void> {
    this.#parts.run.progress.phase = 'planning'
    const work = new InFlight({ ...sideBySide, bytes: 1 }, this.#signal)
    try {
      for (const item of this.#parts.stream.plan.items()) {
        if (item.kind !== 'file') continue
        await work.begin(0, () =>
          this.#guard(item, async () => {
            if (await this.#isRight(item, this.#pathOf(item))) this.#right(item)
          }),
        )
      }
      await work.settled()
    } finally {
      await work.idle()
    }
  }

  /** True if nothing is to be done; else decides on the name that the file gets. */
  async #isRight(item: RestoreItem, path: Buffer): Promise<boolean> {
    const found = await this.#receiver.look(path, this.#signal)
    if (!found) return false
    if (await this.#isSame(item, path, found)) return true
    const mayReplace = this.#parts.job.overwrite && (found.kind === 'file' || found.kind === 'link')
    if (mayReplace) return false
    for (const beside of this.#besidesOf(path)) {
      const there = await this.#receiver.look(beside, this.#signal)
      if (there && (await this.#isSame(item, beside, there))) return true
      if (there) continue
      this.#putBeside(item, beside)
      return false
    }
    throw allTaken(path)
  }

  /** Size and time alone prove nothing. */
  async #isSame(item: RestoreItem, path: Buffer, found: Found): Promise<boolean> {
    if (found.kind !== 'file' || found.sizeBytes !== item.sizeBytes) return false
    if (item.sizeBytes === 0) return true
    const hash = await this.#receiver.hashFile(path, this.#signal)
    return item.hash?.equals(hash) ?? false
  }

  *#besidesOf(path: Buffer): Generator<Buffer> {
    const cut = path.lastIndexOf(slash) + 1
    for (const name of namesBeside(path.subarray(cut), this.#parts.version.dlist.timeMs)) {
      const beside = Buffer.concat([path.subarray(0, cut), name])
      if (!this.#claimed.has(beside.toString('latin1'))) yield beside
    }
  }

  #putBeside(item: RestoreItem, beside: Buffer): void {
    this.#claimed.add(beside.toString('latin1'))
    this.#besides.set(item.id, beside)
    const as = beside.subarray(beside.lastIndexOf(slash) + 1).toString()
    this.#parts.tally.putBeside.push({ path: item.path, as })
  }

  async #entry(entry: StreamedEntry, work: InFlight): Promise<void> {
    const { item, metadata } = entry
    if (item.kind === 'folder') {
      await work.begin(0, () => this.#guard(item, () => this.#folder(item, metadata)))
      return
    }
    if (item.kind === 'link') {
      await work.begin(0, () => this.#guard(item, () => this.#link(item, metadata)))
      return
    }
    const look = this.#lookOf(item, metadata)
    if (item.sizeBytes > shortBytes) {
      await this.#guard(item, () => this.#file(item, { look, chunks: entry.content() }))
      return
    }
    const blocks: Buffer[] = []
    const isRead = await this.#guard(item, async () => {
      for await (const block of entry.content()) blocks.push(block)
    })
    if (!isRead) return
    await work.begin(item.sizeBytes, async () => {
      await this.#guard(item, () => this.#file(item, { look, chunks: inTurn(blocks) }))
    })
  }

  async #file(item: RestoreItem, content: Pick<FileToPlace, 'look' | 'chunks'>): Promise<void> {
    const { job, tally } = this.#parts
    const beside = this.#besides.get(item.id)
    const path = beside ?? this.#pathOf(item)
    const place = { path, sizeBytes: item.sizeBytes, replace: job.overwrite && !beside }
    this.#complain(item, await this.#receiver.placeFile({ ...place, ...content }, this.#signal))
    tally.files += 1
    tally.bytes += item.sizeBytes
    this.#count(item)
  }

  async #folder(item: RestoreItem, metadata: Metadata): Promise<void> {
    const path = this.#joined(item)
    const look = this.#lookOf(item, metadata)
    if (path.length > 0) await this.#receiver.makeFolder(path, (look.mode ?? nineBits) | 0o700, this.#signal)
    this.#folders.push({ item, path, look })
    this.#count(item)
  }

  async #link(item: RestoreItem, metadata: Metadata): Promise<void> {
    const { job, tally } = this.#parts
    const target = metadata.linkTarget
    if (!target) throw new PullbackError('BlockMissing', { what: `where ${item.path} points is lost` })
    let path = this.#pathOf(item)
    const found = await this.#receiver.look(path, this.#signal)
    const isSame = async (at: Buffer): Promise<boolean> =>
      (await this.#receiver.readLink(at, this.#signal)).equals(target)
    const mayReplace = job.overwrite && found?.kind !== 'folder'
    if (found?.kind !== 'link' || !(await isSame(path))) {
      if (found && !mayReplace) {
        const beside = await this.#freeBeside(path)
        this.#putBeside(item, beside)
        path = beside
      }
      const look = this.#lookOf(item, metadata)
      const link = { path, target, look, replace: found !== undefined && mayReplace }
      this.#complain(item, await this.#receiver.placeLink(link, this.#signal))
    }
    tally.links += 1
    this.#count(item)
  }

  async #freeBeside(path: Buffer): Promise<Buffer> {
    for (const beside of this.#besidesOf(path))
      if (!(await this.#receiver.look(beside, this.#signal))) return beside
    throw allTaken(path)
  }

  /** Deepest first: a folder that is closed to its user would keep him out of those below. */
  async #finishFolders(): Promise<void> {
    const { job, tally } = this.#parts
    const byDepth = Map.groupBy(this.#folders, ({ path }) => depthOf(path))
    for (const depth of [...byDepth.keys()].sort((a, b) => b - a)) {
      const work = new InFlight({ ...sideBySide, bytes: 1 }, this.#signal)
      try {
        for (const { item, path, look } of byDepth.get(depth) ?? []) {
          await work.begin(0, async () => {
            await this.#guard(item, async () => {
              if (this.#receiver.isMade(path) || (job.overwrite && path.length > 0))
                this.#complain(item, await this.#receiver.finishFolder(path, look, this.#signal))
              tally.folders += 1
            })
          })
        }
        await work.settled()
      } finally {
        await work.idle()
      }
    }
  }

  #lookOf(item: RestoreItem, metadata: Metadata): Look {
    const { restorePermissions, skipMetadata } = this.#parts.job
    const isFolder = item.kind === 'folder'
    const usual = (isFolder ? nineBits : 0o666) & ~usualUmask
    if (skipMetadata) return { mode: usual }
    const { mode, uid, gid, modifiedNs } = metadata
    const stored = mode === undefined ? usual : mode & nineBits
    // The user who logs in there can always get at it.
    const kept = (stored & ~usualUmask) | (isFolder ? 0o700 : 0o600)
    const modifiedS = modifiedNs === undefined ? item.modifiedSeconds : Number(modifiedNs / 1_000_000_000n)
    return {
      mode: restorePermissions ? stored : kept,
      ...(modifiedS === undefined ? {} : { modifiedS }),
      ...(restorePermissions && uid !== undefined && gid !== undefined ? { owner: { uid, gid } } : {}),
    }
  }

  #joined(item: RestoreItem): Buffer {
    return Buffer.concat(
      this.#mapper.place(item.path).flatMap((part, at) => (at === 0 ? [part] : [slash, part])),
    )
  }

  #pathOf(item: RestoreItem): Buffer {
    const path = this.#joined(item)
    if (path.length > 0) return path
    throw new PullbackError('PathUnsafe', { what: `${item.path} would replace the folder restored into` })
  }

  /** False if the entry failed; what concerns more than this entry is thrown on. */
  async #guard(item: RestoreItem, act: () => Promise<void>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!isPullbackError(error)) throw error
      if (error.kind !== 'integrity' && error.code !== 'RestoreTargetFailed') throw error
      this.#parts.tally.failed.push({ path: item.path, error })
      this.#settled.add(item.id)
      this.#count(item)
      return false
    }
  }

  #right(item: RestoreItem): void {
    this.#parts.tally.alreadyRight += 1
    this.#settled.add(item.id)
    this.#count(item)
  }

  #complain(item: RestoreItem, complaints: readonly string[]): void {
    for (const complaint of complaints) this.#parts.tally.warn(`${item.path}: ${complaint}`)
  }

  #count(item: RestoreItem): void {
    const { progress } = this.#parts.run
    progress.filesDone += 1
    progress.bytesDone += item.sizeBytes
  }
}

async function* inTurn(blocks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* blocks
}

function depthOf(path: Buffer): number {
  return path.length === 0 ? 0 : path.toString('latin1').split('/').length
}

// One restore: choose the version, read its file list, plan which blocks of which volumes go where, fetch each volume
// once, put the files together, then links and folders. It reads the destination alone, never the index of the backup:
// what it needs to know it collects in a scratch index that goes with it.
import { dirname, join, resolve } from 'node:path'
import { lstatSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Breather } from '../../base/breather.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { collectOld } from '../../base/litter.ts'
import { randomHex } from '../../base/randomness.ts'
import type { DlistEntry } from '../../format/dlist/dlist-entry.ts'
import { unknownTime } from '../../format/dlist/dlist-entry.ts'
import type { EntryKind } from '../../index-db/entry-table.ts'
import { openIndex, type Index } from '../../index-db/open-index.ts'
import { RestorePlan, type Piece, type RestoreItem } from '../../index-db/restore-plan.ts'
import type { RunContext } from '../run-context.ts'
import { loadBlocks, type Loading } from '../rebuild/load-dindex.ts'
import { anyPattern } from '../select/path-pattern.ts'
import { Spool } from '../spool.ts'
import { checkPassphrase } from '../volumes/check-passphrase.ts'
import { withVolume, type Fetching } from '../volumes/fetch-volume.ts'
import { demandVersions, listVolumes, type ListedDlist, type VolumeListing } from '../volumes/list-volumes.ts'
import { isFullVersion, readFileList } from '../volumes/read-file-list.ts'
import { currentUmask } from './umask.ts'
import { BlocksAtHand, openInTheWay } from './blocks-at-hand.ts'
import { chooseVersion } from './choose-version.ts'
import { EntryPlaces } from './entry-places.ts'
import { FileAssembler, type DamagedFiles, type PlannedFile } from './file-assembler.ts'
import { UnpackLane } from '../crunch/unpack-lane.ts'
import { PieceFetcher } from './fetch-pieces.ts'
import type { WholeFileMaker } from './piece-batches.ts'
import { finishFolders, makeLinks, type Finishing } from './finish-folders.ts'
import { Leftovers } from './leftovers.ts'
import { PathMapper } from './path-mapper.ts'
import { isFullDisk, targetFull, targetTrouble } from './placed-file.ts'
import { PiecesLeft } from './pieces-left.ts'
import { PiecePlanner } from './plan-pieces.ts'
import type { RestoreJob, RestoreReport } from './restore-job.ts'
import { RestoreTally } from './restore-tally.ts'
import { SharedMetadata } from './shared-metadata.ts'
import { TargetTree } from './target-tree.ts'
import { temporaryName } from './temporary-name.ts'
import type { WholeFileOrder } from './whole-files.ts'

const kindOf: Readonly<Record<DlistEntry['kind'], EntryKind>> = {
  File: 'file',
  Folder: 'folder',
  Symlink: 'link',
}
const maxThreads = 4
/** Of zeros in one file: the rest is in their sum. */
const maxNamedRanges = 20

interface FolderRestoreJob extends RestoreJob {
  /** In place of patterns: the entries of these paths. */
  readonly exactly?: ReadonlySet<string>
}

export async function runRestore(job: FolderRestoreJob, run: RunContext): Promise<RestoreReport> {
  const { target, passphrase } = job
  run.progress.phase = 'checking the destination'
  run.progress.subject = target.label
  const listing = await listVolumes(target, job.prefix, run.signal)
  demandVersions(listing, target, job.prefix)
  const dlist = chooseVersion(listing, job.version)
  await checkPassphrase({ target, listing, passphrase }, run.signal)
  const spool = Spool.scratch(job.tempFolder, run.clock)
  try {
    const index = openIndex(spool.path('plan.sqlite'), { scratch: true })
    try {
      const fetching: Fetching = { target, spool, passphrase, progress: run.progress, signal: run.signal }
      return await new RestoreRun({ job, run, index, listing, dlist, fetching }).execute()
    } finally {
      index.close()
    }
  } finally {
    spool.close()
  }
}

interface Parts {
  readonly job: FolderRestoreJob
  readonly run: RunContext
  readonly index: Index
  readonly listing: VolumeListing
  readonly dlist: ListedDlist
  readonly fetching: Fetching
}

interface Into {
  readonly tree: TargetTree
  readonly places: EntryPlaces
  readonly policy: Finishing['policy']
}

interface Planning {
  readonly planner: PiecePlanner
  readonly places: EntryPlaces
  readonly assembler: FileAssembler
  readonly leftovers: Leftovers
  readonly tree: TargetTree
}

class RestoreRun {
  readonly #parts: Parts
  readonly #plan: RestorePlan
  readonly #mapper: PathMapper
  readonly #tally = new RestoreTally()
  readonly #token: string
  readonly #pieces = new PiecesLeft()
  readonly #shared: SharedMetadata
  readonly #breather: Breather
  #blocksize = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#plan = new RestorePlan(parts.index.database)
    this.#shared = new SharedMetadata(this.#plan)
    this.#mapper = new PathMapper(parts.job.keepWholePaths)
    this.#token = randomHex(parts.run.randomness, 4)
    this.#breather = new Breather(parts.run.clock)
  }

  async execute(): Promise<RestoreReport> {
    const { job, run, index, dlist } = this.#parts
    index.begin()
    run.progress.phase = 'reading the file list'
    const isFull = await this.#readList()
    const restorePath = this.#restorePath()
    const report = { version: { timeMs: dlist.timeMs, isFull }, dryRun: job.dryRun, restorePath }
    if (job.dryRun) return { ...report, ...this.#tally.planned(this.#plan) }
    run.progress.phase = 'planning'
    const tree = new TargetTree(restorePath, { make: true })
    const threads = Math.min(maxThreads, Math.max(1, availableParallelism()))
    // They start while the work is planned.
    const lanes = Array.from({ length: threads }, () => new UnpackLane())
    try {
      await this.#restoreInto(tree, lanes)
    } finally {
      await Promise.all(lanes.map((lane) => lane.end()))
      tree.close()
    }
    run.progress.phase = 'done'
    return { ...report, ...this.#tally.report() }
  }

  async #readList(): Promise<boolean> {
    const { job, fetching, dlist, run } = this.#parts
    const { exactly } = job
    const wanted = exactly ? (path: string) => exactly.has(path) : anyPattern(job.patterns)
    return withVolume(fetching, dlist, async (open) => {
      this.#blocksize = open.manifest.blocksize
      for await (const batch of readFileList(open)) {
        for (const entry of batch) if (wanted(entry.path)) this.#addItem(entry)
        await this.#breathe()
      }
      if (run.progress.filesFound === 0 && job.patterns.length > 0) {
        throw new PullbackError('NothingMatches', {
          what: `nothing in this version matches ${job.patterns.join(' ')}`,
        })
      }
      run.progress.allFound = true
      return isFullVersion(open)
    })
  }

  #addItem(entry: DlistEntry): void {
    const { progress } = this.#parts.run
    const { path, sizeBytes, hash, blocklists, metaHash, metaSizeBytes, metaBlocklists } = entry
    const kind = kindOf[entry.kind]
    const modifiedSeconds = entry.modifiedSeconds === unknownTime ? undefined : entry.modifiedSeconds
    const content = { sizeBytes, hash, blocklists, modifiedSeconds }
    this.#plan.addItem({ path, kind, ...content, metaHash, metaSizeBytes, metaBlocklists })
    this.#mapper.learn(path, kind)
    progress.filesFound += 1
    progress.bytesFound += sizeBytes
  }

  /** The folder restored into; without one named, where the entries came from. */
  #restorePath(): string {
    const { restorePath, keepWholePaths } = this.#parts.job
    if (restorePath !== undefined) return resolve(restorePath)
    const original = keepWholePaths ? '/' : join('/', ...this.#mapper.common)
    const above = dirname(original)
    if (lstatSync(above, { throwIfNoEntry: false })?.isDirectory()) return original
    throw new PullbackError('TargetFolderUnusable', {
      what: `these entries came from ${original}, and ${above} is not a folder of this machine`,
      subject: original,
      advice: 'Say where to restore to with --restore-path=FOLDER.',
    })
  }

  async #restoreInto(tree: TargetTree, lanes: readonly UnpackLane[]): Promise<void> {
    const { index, fetching, run, job, listing } = this.#parts
    const warn = (error: PullbackError): void => this.#tally.warn(error.what)
    const loading: Loading = { fetching, listing, index, warn, purpose: 'restore' }
    await loadBlocks(loading)
    const policy = {
      restorePermissions: job.restorePermissions,
      skipMetadata: job.skipMetadata,
      umask: currentUmask(),
    }
    const places = this.#places(tree)
    const assembler = this.#assembler({ tree, places, policy })
    const leftovers = new Leftovers(tree, this.#token)
    // The mark is a name by which an empty folder shows whether it is blind to case.
    if (!tree.fresh([]) && tree.names([]).length === 0) leftovers.mark()
    const finishing = this.#finishing({ tree, places, policy })
    try {
      const planner = new PiecePlanner(loading, this.#plan, this.#blocksize)
      await this.#planItems({ planner, places, assembler, leftovers, tree })
      // What lists and dindexes were read from is a hundred bytes an entry.
      collectOld()
      run.progress.phase = 'restoring files'
      const taker = {
        take: (piece: Piece, bytes: Buffer) => this.#take(assembler, piece, bytes),
        miss: (piece: Piece, error: PullbackError) => this.#miss(assembler, piece, error),
        warn: (sentence: string) => this.#tally.warn(sentence),
        wholeFiles: this.#wholeFiles(assembler, { root: tree.handle, policy }),
      }
      const lookEverywhere = (): Promise<void> => planner.lookEverywhere()
      const fetcher = new PieceFetcher({ index, plan: this.#plan, fetching, taker, lookEverywhere })
      await fetcher.fetchAll(lanes)
      for (const itemId of this.#plan.waiting()) {
        assembler.finishWaiting(itemId)
        await this.#breathe()
      }
      run.progress.phase = 'finishing folders'
      this.#tally.links = makeLinks(finishing)
    } finally {
      try {
        assembler.discard()
      } finally {
        for (const name of leftovers.remove())
          this.#tally.warn(`${name} could not be removed; the next restore into this folder does it`)
      }
    }
    this.#tally.folders = finishFolders(finishing)
  }

  async #planItems(planning: Planning): Promise<void> {
    for (const item of this.#plan.items()) {
      try {
        await this.#planItem(item, planning)
      } catch (error) {
        // A full spool or a destination that is gone is no matter of this item.
        if (isPullbackError(error) && error.kind !== 'integrity' && error.kind !== 'source-entry') throw error
        const trouble = targetTrouble(item.path, error)
        this.#fail(item, trouble)
        if (isFullDisk(error)) throw targetFull(trouble)
      }
      await this.#breathe()
    }
  }

  async #breathe(): Promise<void> {
    if (this.#breather.isDue) await this.#breather.pause(this.#parts.run.signal)
  }

  async #planItem(item: RestoreItem, planning: Planning): Promise<void> {
    const { planner, places, assembler, leftovers } = planning
    const content = item.kind === 'file' && this.#wantsContent(item, places)
    if (item.kind === 'file' && !content) return
    this.#mapper.place(item.path)
    if (item.kind !== 'folder') leftovers.mark()
    const atHand = content && item.blocklists ? this.#atHand(item, planning) : undefined
    const onLost = this.#parts.job.restoreDamaged ? (at: number) => assembler.lose(item.id, at) : undefined
    try {
      const shared = item.kind === 'file' ? this.#shared : undefined
      const planned = await planner.planItem(item, { content, atHand, onLost, shared })
      this.#pieces.set(item.id, planned)
      assembler.expect(item.id, planned)
    } catch (error) {
      atHand?.drop()
      throw error
    }
    if (atHand?.keep()) assembler.begin(item.id)
    if (content && this.#pieces.of(item.id).pieces === 0) assembler.makeOfNothing(item.id)
  }

  /** What there is of a file in the folder restored into. */
  #atHand(item: RestoreItem, { places, leftovers, tree }: Planning): BlocksAtHand | undefined {
    const { folder } = places.of(item)
    const left = leftovers.open(folder, item.id)
    const way = left ? undefined : places.inTheWay(item)
    const source = left ?? { handle: way && openInTheWay(way), path: undefined }
    const { handle, path } = source
    if (handle === undefined) return undefined
    const temporary = tree.at(folder, Buffer.from(temporaryName(this.#token, item.id)))
    return new BlocksAtHand({ handle, path }, temporary, {
      sizeBytes: item.sizeBytes,
      blocksize: this.#blocksize,
    })
  }

  /** False if the right file is there already. */
  #wantsContent(item: RestoreItem, places: EntryPlaces): boolean {
    if (places.ofNewFile(item)) return true
    this.#tally.alreadyRight += 1
    this.#count(item)
    return false
  }

  #fileOf(itemId: number, places: EntryPlaces): PlannedFile | undefined {
    const item = this.#plan.item(itemId)
    if (item?.kind !== 'file') return undefined
    const { replace, ...place } = places.of(item)
    return { item, place, replace, pieces: this.#pieces.of(itemId) }
  }

  #take(assembler: FileAssembler, piece: Piece, bytes: Buffer): void {
    this.#parts.run.progress.bytesMoved += bytes.length
    if (SharedMetadata.is(piece)) this.#shared.keep(piece, bytes)
    else if (piece.kind === 'file') assembler.take(piece, bytes)
    else this.#plan.addMetadata(piece, bytes)
  }

  /** Files that an unpack thread writes by itself. */
  #wholeFiles(assembler: FileAssembler, order: Omit<WholeFileOrder, 'files'>): WholeFileMaker {
    const { progress } = this.#parts.run
    return {
      order,
      choose: (pieces) => {
        const [first] = pieces
        return first?.kind === 'file' ? assembler.wholeFile(first.itemId, pieces) : undefined
      },
      settle: (file, itemId, outcome) => {
        if (outcome === 'made' || outcome === 'written') progress.bytesMoved += file.sizeBytes
        assembler.settle(itemId, outcome)
      },
      warn: (path, reason) => this.#tally.warn(`${path}: ${reason}`),
    }
  }

  #miss(assembler: FileAssembler, piece: Piece, error: PullbackError): void {
    if (SharedMetadata.is(piece)) {
      this.#shared.lose(piece)
      this.#tally.warn(`metadata of several entries could not be read: ${error.what}`)
    } else if (piece.kind === 'file') assembler.miss(piece, error)
    else
      this.#tally.warn(
        `the metadata of ${this.#plan.item(piece.itemId)?.path} could not be read: ${error.what}`,
      )
  }

  #places(tree: TargetTree): EntryPlaces {
    const { job, dlist } = this.#parts
    return new EntryPlaces({
      plan: this.#plan,
      tree,
      overwrite: job.overwrite,
      versionMs: dlist.timeMs,
      placeOf: (item) => this.#mapper.place(item.path),
      onBeside: ({ path }, name, { isTwin }) => {
        const as = name.toString('utf8')
        this.#tally.putBeside.push({ path, as })
        if (isTwin)
          this.#tally.warn(`${path}: its name here is that of another entry; it is restored as ${as}`)
      },
    })
  }

  #assembler({ tree, places, policy }: Into): FileAssembler {
    return new FileAssembler({
      plan: this.#plan,
      shared: this.#shared,
      tree,
      policy,
      blocksize: this.#blocksize,
      token: this.#token,
      fileOf: (itemId) => this.#fileOf(itemId, places),
      damaged: this.#parts.job.restoreDamaged ? this.#damaged(places) : undefined,
      onFile: (file) => {
        this.#tally.files += 1
        this.#tally.bytes += file.item.sizeBytes
        this.#count(file.item)
      },
      onFailure: (item, error) => this.#fail(item, error),
      warn: (path, reason) => this.#tally.warn(`${path}: ${reason}`),
    })
  }

  #damaged(places: EntryPlaces): DamagedFiles {
    return {
      placeOf: (item) => places.ofDamaged(item),
      onFile: ({ item }, as, lost) => {
        const lostBytes = lost.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
        const named = lost.slice(0, maxNamedRanges)
        this.#tally.damaged.push({ path: item.path, as: as.toString('utf8'), lostBytes, lost: named })
      },
    }
  }

  #finishing({ tree, places, policy }: Into): Finishing {
    return {
      plan: this.#plan,
      tree,
      policy,
      overwrite: this.#parts.job.overwrite,
      token: this.#token,
      placeOf: (item) => this.#mapper.place(item.path),
      places,
      onFailure: (item, error) => this.#fail(item, error),
      warn: (path, reason) => this.#tally.warn(`${path}: ${reason}`),
    }
  }

  #fail(item: RestoreItem, error: PullbackError): void {
    this.#tally.failed.push({ path: item.path, error })
    this.#count(item)
  }

  #count(item: RestoreItem): void {
    const { progress } = this.#parts.run
    progress.filesDone += 1
    progress.bytesDone += item.sizeBytes
  }
}

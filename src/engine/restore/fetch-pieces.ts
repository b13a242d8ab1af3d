// Fetches every volume that a restore needs, a few at a time, and hands out the blocks in them: each volume once, if
// the backup is sound. A block that is not in a volume as it should be is looked for in the others that have it, and
// at last in those of which no dindex says so.
import { PullbackError } from '../../base/errors.ts'
import { throwIfAborted } from '../../base/abort.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { Piece, RestorePlan } from '../../index-db/restore-plan.ts'
import { costsOneVolume } from '../rebuild/load-dindex.ts'
import { UnpackLane, type BlockFault, type UnpackedBlocks } from '../crunch/unpack-lane.ts'
import type { WholeFile, WholeFileOrder, WholeFileOutcome, WholeFileReply } from './whole-files.ts'
import { fetchToSpool, type Fetching } from '../volumes/fetch-volume.ts'

export interface PieceTaker {
  /** The bytes are there only until it returns. */
  readonly take: (piece: Piece, bytes: Buffer) => void
  /** A piece that no volume has as it should be. */
  readonly miss: (piece: Piece, error: PullbackError) => void
  readonly warn: (sentence: string) => void
  /** Without it every block is handed to `take`. */
  readonly wholeFiles?: WholeFileMaker
}

/** Lets the threads that unpack blocks write the files that need no other, so that their bytes cross no thread. */
export interface WholeFileMaker {
  readonly order: Omit<WholeFileOrder, 'files'>
  /** The file of an item, given all its pieces in one volume; undefined if they are to be taken one by one. */
  readonly choose: (pieces: readonly Piece[]) => WholeFile | undefined
  readonly settle: (itemId: number, outcome: WholeFileOutcome) => void
  readonly warn: (path: string, reason: string) => void
}

interface Want {
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly pieces: Piece[]
}

/** Asked of a thread at once: enough to keep it busy, little enough that two lanes stay far below the memory limit. */
const batchBytes = 2 << 20
const batchBlocks = 2048
/** Files asked of a thread at once: some 20 ms of work. */
const batchFiles = 128

export class PieceFetcher {
  readonly #index: Index
  readonly #plan: RestorePlan
  readonly #fetching: Fetching
  readonly #taker: PieceTaker
  readonly #lookEverywhere: () => Promise<void>
  /** Volumes that were begun. */
  readonly #done = new Set<number>()
  /** By hash of a block that was not where it should be: the volumes that were tried. */
  readonly #tried = new Map<string, Set<number>>()
  /** A dindex promised a block that its sound dblock does not have. */
  #isLiedTo = false
  #missed: { readonly want: Want; readonly error: PullbackError }[] = []
  /** Volumes that lanes are at, for lanes that have none of their own left. */
  readonly #shared = new Set<Promise<SharedVolume | undefined>>()
  /** One lane failed: the others stop after the volume they are at. */
  #failed = false

  /** `lookEverywhere` makes every block known that is in any volume, whatever the dindexes say. */
  constructor(parts: {
    index: Index
    plan: RestorePlan
    fetching: Fetching
    taker: PieceTaker
    lookEverywhere: () => Promise<void>
  }) {
    this.#index = parts.index
    this.#lookEverywhere = parts.lookEverywhere
    this.#plan = parts.plan
    this.#fetching = parts.fetching
    this.#taker = parts.taker
  }

  async fetchAll(threads: number): Promise<void> {
    const lanes = Array.from({ length: threads }, () => new UnpackLane())
    try {
      for (let waiting = this.#waiting(); waiting.length > 0; waiting = this.#waiting()) {
        const next = waiting.values()
        const outcomes = await Promise.allSettled(lanes.map((lane) => this.#work(lane, next)))
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
        await this.#findMissed()
      }
    } finally {
      await Promise.all(lanes.map((lane) => lane.end()))
    }
  }

  #waiting(): number[] {
    return this.#plan.volumes().filter((id) => !this.#done.has(id))
  }

  async #work(lane: UnpackLane, volumes: Iterator<number>): Promise<void> {
    try {
      for (let next = volumes.next(); !next.done && !this.#failed; next = volumes.next()) {
        throwIfAborted(this.#fetching.signal)
        this.#done.add(next.value)
        const shared = Promise.withResolvers<SharedVolume | undefined>()
        this.#shared.add(shared.promise)
        try {
          await this.#volume(lane, { id: next.value, share: shared.resolve })
        } finally {
          shared.resolve(undefined)
          this.#shared.delete(shared.promise)
        }
      }
      for (const shared of this.#shared) if (!this.#failed) await this.#help(lane, await shared)
    } catch (error) {
      this.#failed = true
      throw error
    }
  }

  async #volume(lane: UnpackLane, wanted: { id: number; share: Share }): Promise<void> {
    const { spool, passphrase } = this.#fetching
    const volume = this.#index.volumes.get(wanted.id)
    if (!volume) return
    const pieces = this.#plan.pieces(wanted.id)
    const { name, sizeBytes } = volume
    let path: string | undefined
    try {
      try {
        path = (await fetchToSpool(this.#fetching, { name, sizeBytes: sizeBytes ?? 0 })).path
        await lane.open({ path, name, passphrase })
      } catch (error) {
        if (!costsOneVolume(error, { purpose: 'restore' })) throw error
        this.#taker.warn(error.what)
        for (const want of wantsOf(pieces)) this.#elsewhere(want, wanted.id, error)
        return
      }
      const left = await this.#wholeFiles(lane, { path, name, pieces, share: wanted.share })
      await this.#blocks(lane, { id: wanted.id, name, wants: wantsOf(left) })
      await lane.close()
    } finally {
      if (path !== undefined) spool.remove(path)
    }
  }

  /** Has the files written that can be written whole; returns the pieces of all others. */
  async #wholeFiles(
    lane: UnpackLane,
    volume: { path: string; name: string; pieces: readonly Piece[]; share: Share },
  ): Promise<readonly Piece[]> {
    const { path, name, pieces } = volume
    const maker = this.#taker.wholeFiles
    if (!maker) return pieces
    const left: Piece[] = []
    const batches = fileBatches(pieces, maker, (others) => addAll(left, others))
    const shared: SharedVolume = { path, name, maker, batches, left, helpers: [], isOver: false }
    volume.share(shared)
    try {
      await this.#files(lane, shared)
    } finally {
      shared.isOver = true
      await Promise.allSettled(shared.helpers)
    }
    return left
  }

  /** Takes part in a volume that another lane is at. */
  async #help(lane: UnpackLane, shared: SharedVolume | undefined): Promise<void> {
    if (!shared || shared.isOver) return
    const { path, name } = shared
    const help = async (): Promise<void> => {
      await lane.open({ path, name, passphrase: this.#fetching.passphrase })
      await this.#files(lane, shared)
      await lane.close()
    }
    const helping = help()
    shared.helpers.push(helping)
    await helping
  }

  async #files(lane: UnpackLane, { batches, maker, left }: SharedVolume): Promise<void> {
    const ask = (batch: readonly ChosenFile[]): Promise<WholeFileReply> =>
      lane.files({ ...maker.order, files: batch.map(({ file }) => file) })
    for await (const [batch, reply] of askedAhead(batches, ask)) {
      for (const { path, reason } of reply.warnings) maker.warn(path, reason)
      for (const [at, outcome] of reply.outcomes.entries()) {
        const chosen = batch[at]
        if (chosen) maker.settle(chosen.itemId, outcome)
        if (chosen && outcome === 'blockless') addAll(left, chosen.pieces)
      }
      throwIfAborted(this.#fetching.signal)
    }
  }

  async #blocks(
    lane: UnpackLane,
    volume: { id: number; name: string; wants: readonly Want[] },
  ): Promise<void> {
    const spare: ArrayBuffer[] = []
    const ask = (wants: readonly Want[]): Promise<UnpackedBlocks> =>
      lane.blocks(
        wants.map((want) => want.hash),
        spare.pop(),
      )
    for await (const [wants, { blocks, memory }] of askedAhead(inBatches(volume.wants), ask)) {
      throwIfAborted(this.#fetching.signal)
      for (const [at, block] of blocks.entries()) {
        const want = wants[at]
        if (!want) continue
        if (typeof block === 'string') {
          this.#isLiedTo ||= block === 'absent'
          this.#elsewhere(want, volume.id, faultyBlock(want.hash, block, volume.name))
          continue
        }
        for (const piece of want.pieces) this.#taker.take(piece, block)
      }
      spare.push(memory)
    }
  }

  #elsewhere(want: Want, volumeId: number, error: PullbackError): void {
    const key = want.hash.toString('latin1')
    const tried = this.#tried.get(key) ?? new Set()
    this.#tried.set(key, tried.add(volumeId))
    if (!this.#planAgain(want)) this.#missed.push({ want, error })
  }

  /** Plans the block from a volume that was not tried for it yet; false if there is none. */
  #planAgain(want: Want): boolean {
    const tried = this.#tried.get(want.hash.toString('latin1'))
    const other = this.#index.blocks.places(want.hash).find((place) => !tried?.has(place.volumeId))
    if (!other) return false
    // Fetched a second time, a volume is asked for nothing that it gave before.
    if (this.#done.delete(other.volumeId)) this.#plan.dropPieces(other.volumeId)
    for (const piece of want.pieces) this.#plan.addPiece(other.volumeId, piece)
    return true
  }

  async #findMissed(): Promise<void> {
    const missed = this.#missed
    this.#missed = []
    // Every dblock has to be fetched for this: not for a block that is merely damaged.
    if (missed.length > 0 && this.#isLiedTo) await this.#lookEverywhere()
    for (const { want, error } of missed) {
      if (this.#planAgain(want)) continue
      for (const piece of want.pieces) this.#taker.miss(piece, error)
    }
  }
}

function wantsOf(pieces: readonly Piece[]): Want[] {
  const wants = new Map<string, Want>()
  for (const piece of pieces) {
    const key = piece.hash.toString('latin1')
    const want = wants.get(key)
    if (want) want.pieces.push(piece)
    else wants.set(key, { hash: piece.hash, sizeBytes: piece.sizeBytes, pieces: [piece] })
  }
  return [...wants.values()]
}

function* inBatches(wants: readonly Want[]): Generator<Want[], undefined> {
  let batch: Want[] = []
  let bytes = 0
  for (const want of wants) {
    batch.push(want)
    bytes += want.sizeBytes
    if (bytes < batchBytes && batch.length < batchBlocks) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
  return undefined
}

type Share = (volume: SharedVolume | undefined) => void

/** A volume in the spool from which several lanes may write files. */
interface SharedVolume {
  readonly path: string
  readonly name: string
  readonly maker: WholeFileMaker
  /** Each batch is given to one lane. */
  readonly batches: Generator<ChosenFile[], undefined>
  /** Pieces to be taken one by one after that. */
  readonly left: Piece[]
  readonly helpers: Promise<void>[]
  isOver: boolean
}

interface ChosenFile {
  readonly itemId: number
  readonly pieces: readonly Piece[]
  readonly file: WholeFile
}

/** The files that can be written whole, chosen when their batch is due; the pieces of others go to `leave`. */
function* fileBatches(
  pieces: readonly Piece[],
  maker: WholeFileMaker,
  leave: (pieces: readonly Piece[]) => void,
): Generator<ChosenFile[], undefined> {
  let batch: ChosenFile[] = []
  for (let at = 0; at < pieces.length;) {
    const itemId = pieces[at]?.itemId ?? 0
    let end = at + 1
    while (pieces[end]?.itemId === itemId) end += 1
    const own = pieces.slice(at, end)
    at = end
    const file = maker.choose(own)
    if (file) batch.push({ itemId, pieces: own, file })
    else leave(own)
    if (batch.length < batchFiles) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
  return undefined
}

/** One by one: a file may have more pieces than a call takes arguments. */
function addAll(left: Piece[], pieces: readonly Piece[]): void {
  for (const piece of pieces) left.push(piece)
}

/** Each batch with its answer. One is always asked for ahead, so that the thread does not wait; no answer is left. */
async function* askedAhead<Batch, Answer>(
  batches: Generator<Batch, undefined>,
  ask: (batch: Batch) => Promise<Answer>,
): AsyncGenerator<[Batch, Answer]> {
  const begin = (): { batch: Batch; answer: Promise<Answer> } | undefined => {
    const next = batches.next()
    if (next.done) return undefined
    const answer = ask(next.value)
    // Looked at in its turn; until then a failure is not unhandled.
    answer.catch(() => undefined)
    return { batch: next.value, answer }
  }
  let asked = begin()
  let following: typeof asked
  try {
    while (asked) {
      following = begin()
      yield [asked.batch, await asked.answer]
      asked = following
    }
  } finally {
    // Whoever leaves early would end the thread in the middle of its work.
    await Promise.allSettled([asked?.answer, following?.answer])
  }
}

function faultyBlock(hash: Buffer, fault: BlockFault, volume: string): PullbackError {
  return new PullbackError(fault === 'absent' ? 'BlockMissing' : 'BlockDamaged', {
    what: `block ${hash.toString('base64')} in ${volume} is ${fault === 'absent' ? 'not there' : 'damaged'}`,
    subject: volume,
  })
}

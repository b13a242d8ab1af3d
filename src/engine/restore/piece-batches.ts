// How the pieces of one volume are cut into what an unpack thread is asked for at once: files that it can write whole,
// and blocks for all others. Each batch is made when it is due, and given to one thread.
import type { Piece } from '../../index-db/restore-plan.ts'
import type { WholeFile, WholeFileOrder, WholeFileOutcome } from './whole-files.ts'

/** Lets the threads that unpack blocks write the files that need no other, so that their bytes cross no thread. */
export interface WholeFileMaker {
  readonly order: Omit<WholeFileOrder, 'files'>
  /** The file of an item, given all its pieces in one volume; undefined if they are to be taken one by one. */
  readonly choose: (pieces: readonly Piece[]) => WholeFile | undefined
  readonly settle: (file: WholeFile, itemId: number, outcome: WholeFileOutcome) => void
  readonly warn: (path: string, reason: string) => void
}

/** A block, and all that is made of it. */
export interface Want {
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly pieces: Piece[]
}

/** Asked of a thread at once: enough to keep it busy, little enough that two lanes stay far below the memory limit. */
const batchBytes = 2 << 20
const batchBlocks = 2048
/** Files asked of a thread at once: some 20 ms of work. */
const batchFiles = 128

/** Of a volume: so many pieces keep a second thread busy for longer than it takes to open the volume. */
export const piecesForMany = 2 * batchFiles

export function wantsOf(pieces: Iterable<Piece>): Want[] {
  const wants = new Map<string, Want>()
  for (const piece of pieces) {
    const key = piece.hash.toString('latin1')
    const want = wants.get(key)
    if (want) want.pieces.push(piece)
    else wants.set(key, { hash: piece.hash, sizeBytes: piece.sizeBytes, pieces: [piece] })
  }
  return [...wants.values()]
}

export function* blockBatches(wants: readonly Want[]): Generator<Want[], undefined> {
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

export interface ChosenFile {
  readonly itemId: number
  readonly pieces: readonly Piece[]
  readonly file: WholeFile
}

/** The files that can be written whole, chosen when their batch is due; the pieces of others go to `leave`. */
export function* fileBatches(
  pieces: Iterable<Piece>,
  maker: WholeFileMaker,
  leave: (pieces: readonly Piece[]) => void,
): Generator<ChosenFile[], undefined> {
  let batch: ChosenFile[] = []
  for (const own of byItem(pieces)) {
    const itemId = own[0]?.itemId ?? 0
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

/** Pieces of one item come one after the other. */
function* byItem(pieces: Iterable<Piece>): Generator<Piece[]> {
  let own: Piece[] = []
  for (const piece of pieces) {
    if (own.length > 0 && own[0]?.itemId !== piece.itemId) {
      yield own
      own = []
    }
    own.push(piece)
  }
  if (own.length > 0) yield own
}

/** One by one: a file may have more pieces than a call takes arguments. */
export function addAll(left: Piece[], pieces: Iterable<Piece>): void {
  for (const piece of pieces) left.push(piece)
}

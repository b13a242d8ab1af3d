// What is asked of an unpack thread that writes files by itself: those of one block or none, whose pieces all lie in
// the volume that the thread has open. Most files of most trees are like that, and their bytes never cross a thread.
// Bytes (names, hashes) travel as latin1, one character for each: a message of many small buffers costs far more.
import type { PackedError } from '../../base/error-transfer.ts'
import type { MetadataPolicy } from './apply-metadata.ts'

export interface WholeFile {
  /** As the file list has it, for sentences. */
  readonly path: string
  /** Parts with `/` between, below the folder restored into; that folder is there. */
  readonly folder: string
  readonly name: string
  readonly temporaryName: string
  readonly sizeBytes: number
  /** Undefined: the file is empty. */
  readonly hash: string | undefined
  /** The metadata itself, or the hash of its block; neither where there is none. */
  readonly metadata: string | undefined
  readonly metadataHash: string | undefined
  readonly modifiedSeconds: number | undefined
  /** Else its metadata is in another volume: it keeps its temporary name until that has come. */
  readonly isComplete: boolean
  /** Over what is there, or where nothing can be; else only if nothing is. */
  readonly replace: boolean
}

export interface WholeFileOrder {
  /** A handle of the folder restored into. */
  readonly root: number
  readonly policy: Omit<MetadataPolicy, 'warn'>
  readonly files: readonly WholeFile[]
}

/**
 * `written` is a file that is not complete, under its temporary name. `blockless`: a block of it is not in the volume
 * as it should be, and nothing was written.
 */
export type WholeFileOutcome =
  | 'made'
  | 'written'
  | 'blockless'
  | { readonly error: PackedError; readonly isFull: boolean }

export interface WholeFileReply {
  /** In the order of the files. */
  readonly outcomes: readonly WholeFileOutcome[]
  readonly warnings: readonly { readonly path: string; readonly reason: string }[]
}

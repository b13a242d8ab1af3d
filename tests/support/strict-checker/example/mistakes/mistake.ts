// What a mistake of a faulty writer is: one change to the sound example, and every sentence the checker must say about
// it, and no other. Also the names and hashes of the example that mistakes are made of.
import type { CheckOptions } from '../../check-backup.ts'
import { NAMES, type Mutation } from '../backup.ts'

export type Mistake = {
  mistake: string
  mutation: Mutation
  options?: Partial<CheckOptions>
  /** Each must be part of some problem, and each problem must contain one. */
  reports: readonly string[]
}

export const HELLO = 'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A+4XSmaGSpEc='
export const HELLO_ENTRY = 'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEc='
export const LIST_OF_C = 'OKWrCqYGnGfU/MYV8ze8yck+tQqOxWczva2uoOTwnsA='
export const LIST_OF_C_ENTRY = 'OKWrCqYGnGfU_MYV8ze8yck-tQqOxWczva2uoOTwnsA='
/** A well-formed hash of nothing in the backup. */
export const ZEROS = Buffer.alloc(32).toString('base64')
export const PASSPHRASE = 'correct horse'
/** The files a mutation changes, in a backup without encryption. */
export const PLAIN = {
  dblock: `${NAMES.dblocks[0]}.zip`,
  dindex: `${NAMES.dindexes[0]}.zip`,
  dlist: `${NAMES.dlists[0]}.zip`,
}

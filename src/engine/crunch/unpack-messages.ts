// What the engine's thread and an unpack thread say to each other: open a volume, give some of its blocks, write
// whole files of them, close it.
// One answer for each request, in order; the engine asks for as much at once as it is ready to hold.
import type { PackedError } from '../../base/error-transfer.ts'
import type { WholeFileOrder, WholeFileReply } from '../restore/whole-files.ts'

export type UnpackRequest =
  | {
      readonly kind: 'open'
      readonly path: string
      readonly name: string
      readonly passphrase: string | undefined
    }
  | {
      readonly kind: 'blocks'
      readonly hashes: Uint8Array
      /** Of an earlier answer, to be filled again; it is given up with the request. */
      readonly memory: ArrayBuffer | undefined
    }
  | { readonly kind: 'files'; readonly order: WholeFileOrder }
  | { readonly kind: 'close' }

export type UnpackReply =
  | { readonly kind: 'opened' | 'closed' }
  | {
      readonly kind: 'blocks'
      /** The bytes of the blocks asked for, one after the other. */
      readonly bytes: ArrayBuffer
      /** Their lengths, or one of the marks below. */
      readonly lengths: Uint32Array
    }
  | { readonly kind: 'files'; readonly reply: WholeFileReply }
  | { readonly kind: 'failed'; readonly error: PackedError }

/** The volume has no block of that name. */
export const blockAbsent = 0xffffffff
/** It has one, and that is not what its name says. */
export const blockDamaged = 0xfffffffe

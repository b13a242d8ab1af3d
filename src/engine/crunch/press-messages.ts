// What the engine's thread and a press thread say to each other. Plain data; slabs are transferred, not copied, and
// come back to be filled again.
import type { PackedError } from '../../base/error-transfer.ts'
import type { FinishedPair, PairNames } from '../volumes/volume-pair-writer.ts'
import type { VolumeProfile } from '../volumes/volume-profile.ts'

/** Numbers per block in `table`: offset in the slab, length, traits. */
export const tableWidth = 3
export const traitCompress = 1
export const traitBlocklist = 2

export type PressRequest =
  | { readonly kind: 'open'; readonly names: PairNames; readonly profile: VolumeProfile }
  | {
      readonly kind: 'blocks'
      readonly slab: ArrayBuffer
      readonly table: Uint32Array
      readonly hashes: Uint8Array
    }
  | { readonly kind: 'close' }

export type PressReply =
  | { readonly kind: 'written'; readonly slab: ArrayBuffer; readonly volumeBytes: number }
  | { readonly kind: 'finished'; readonly pair: FinishedPair }
  | { readonly kind: 'failed'; readonly error: PackedError }

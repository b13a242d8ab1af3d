// Blocks of a file that need not be fetched: those that a killed restore has written already, and those that the file
// in the way has at the same place. Every one is read and its hash checked; the file as a whole is checked at its end.
import { closeSync, constants, ftruncateSync, openSync, readSync, renameSync } from 'node:fs'
import { systemCode } from '../../base/errors.ts'
import { sha256 } from '../../base/hash.ts'
import { removeQuietly, writeBlock } from './placed-file.ts'

interface Source {
  readonly handle: number
  /** Of a half-written file, which becomes this restore's own; undefined: blocks are copied. */
  readonly path: Buffer | undefined
}

export class BlocksAtHand {
  readonly #source: Source
  readonly #temporary: Buffer
  readonly #file: { readonly sizeBytes: number; readonly blocksize: number }
  readonly #buffer: Buffer
  #found = false

  constructor(source: Source, temporary: Buffer, file: { sizeBytes: number; blocksize: number }) {
    this.#source = source
    this.#temporary = temporary
    this.#file = file
    this.#buffer = Buffer.allocUnsafe(file.blocksize)
  }

  /** True if the block with this hash is where it belongs. */
  has(at: number, hash: Buffer): boolean {
    const { sizeBytes, blocksize } = this.#file
    const wanted = Math.min(blocksize, sizeBytes - at * blocksize)
    const block = this.#buffer.subarray(0, wanted)
    if (!readWhole(this.#source.handle, block, at * blocksize) || !sha256(block).equals(hash)) return false
    if (this.#source.path === undefined) writeBlock(this.#temporary, block, at * blocksize)
    this.#found = true
    return true
  }

  /** The temporary file of this restore holds what was found; false if that is nothing, and there is none. */
  keep(): boolean {
    const { path, handle } = this.#source
    closeSync(handle)
    if (!this.#found || path === undefined) return this.#found
    renameSync(path, this.#temporary)
    const whole = openSync(this.#temporary, constants.O_WRONLY | constants.O_NOFOLLOW)
    ftruncateSync(whole, this.#file.sizeBytes)
    closeSync(whole)
    return true
  }

  /** Nothing of it is wanted after all. */
  drop(): void {
    closeSync(this.#source.handle)
    if (this.#found && this.#source.path === undefined) removeQuietly(this.#temporary)
  }
}

function readWhole(handle: number, into: Buffer, position: number): boolean {
  for (let done = 0; done < into.length;) {
    const got = readSync(handle, into, done, into.length - done, position + done)
    if (got === 0) return false
    done += got
  }
  return true
}

/** Opens the file in the way; undefined if it is none, or may not be read. */
export function openInTheWay(path: Buffer): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}

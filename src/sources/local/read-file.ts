// Reads one regular file of this machine, in chunks as they are asked for. As much is
// read as the file was long when it was opened; one byte more is asked for, to see whether it has grown.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { throwIfAborted } from '../../base/abort.ts'
import { assert } from '../../base/assert.ts'
import type { FileReading, FileState } from '../source.ts'
import type { Breather } from '../../base/breather.ts'
import { entryRefusal, vanished } from './disk-refusal.ts'
import { kindOf } from './list-folder.ts'
import { withShortPath } from './long-path.ts'

/** Read with one call. */
export const chunkBytes = 1024 * 1024

export interface FileToRead {
  readonly wholePath: Buffer
  /** For errors: below the root. */
  readonly path: Buffer
  /** Of `chunkBytes` and one byte more; what is read goes here, whatever file it is of. */
  readonly buffer: Buffer
  readonly breather: Breather
  readonly signal: AbortSignal
}

/** A file that is held open, and noted among the open ones until whoever is done with it first closes it. */
export class OpenFile {
  readonly fd: number
  readonly sizeBytes: number
  readonly #open: Set<OpenFile>

  /** Refuses anything but a regular file, without waiting for the other end of a pipe. */
  constructor({ wholePath, path }: FileToRead, open: Set<OpenFile>) {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    this.fd = withShortPath(wholePath, (short) => openSync(short, flags))
    this.#open = open.add(this)
    const stats = fstatSync(this.fd, { bigint: true })
    this.sizeBytes = Number(stats.size)
    if (stats.isFile()) return
    this.close()
    throw vanished(path, `is no regular file any more but a ${kindOf(stats)}`)
  }

  /** Fills the buffer from a place in the file on; less than the buffer takes comes only at the end of the file. */
  read(buffer: Buffer, fileOffset: number): number {
    let filled = 0
    while (filled < buffer.length) {
      const got = readSync(this.fd, buffer, filled, buffer.length - filled, fileOffset + filled)
      if (got === 0) break
      filled += got
    }
    return filled
  }

  /** What the file is now, after `readBytes` were read of it and `hasMore` came behind the expected end. */
  state(readBytes: number, hasMore: boolean): FileState {
    const { size, mtimeNs } = fstatSync(this.fd, { bigint: true })
    const sizeBytes = hasMore ? Math.max(readBytes + 1, Number(size)) : readBytes
    return { sizeBytes, modifiedNs: mtimeNs }
  }

  close(): void {
    if (this.#open.delete(this)) closeSync(this.fd)
  }
}

/** Opens the file when the first chunk is asked for, reads into the buffer given, and closes it after the last. */
export function readInChunks(open: () => OpenFile, source: FileToRead): FileReading {
  let state: FileState | undefined
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const { buffer } = source
    const file = open()
    let offset = 0
    try {
      for (;;) {
        throwIfAborted(source.signal)
        if (source.breather.isDue) await source.breather.pause(source.signal)
        const wanted = Math.min(chunkBytes, file.sizeBytes - offset)
        const isLast = offset + wanted === file.sizeBytes
        const got = file.read(buffer.subarray(0, isLast ? wanted + 1 : wanted), offset)
        const content = buffer.subarray(0, Math.min(got, wanted))
        offset += content.length
        if (isLast || got < wanted) state = file.state(offset, got > wanted)
        if (content.length > 0) yield content
        if (state) return
      }
    } catch (error) {
      throw entryRefusal(source.path, error)
    } finally {
      file.close()
    }
  }
  return {
    chunks: chunks(),
    after: () => {
      assert(state, 'a file is asked for its state after its last byte')
      return state
    },
  }
}

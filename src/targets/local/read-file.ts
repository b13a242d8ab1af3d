// Reading a file, or a range of it, as a stream that is exact: all the bytes that were asked for, or an error.
import type { FileHandle } from 'node:fs/promises'
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import type { ByteRange } from '../target.ts'
import { onDisk } from './disk-error.ts'

const largestChunkBytes = 1024 * 1024

interface Reading {
  readonly path: string
  /** Length of the whole file. */
  readonly sizeBytes: number
  readonly range: ByteRange | undefined
  readonly signal: AbortSignal
}

/** The bytes of the range, or of the whole file, in chunks of at most 1 MiB, each in the memory of the one before. */
export async function* readAll(
  handle: FileHandle,
  { path, sizeBytes, range, signal }: Reading,
): AsyncGenerator<Uint8Array, void, void> {
  const { offset, length } = range ?? { offset: 0, length: sizeBytes }
  const end = offset + length
  if (end > sizeBytes) throw tooShort(path, sizeBytes, end)
  const memory = Buffer.allocUnsafeSlow(Math.min(largestChunkBytes, length))
  for (let at = offset; at < end;) {
    throwIfAborted(signal)
    const wanted = Math.min(memory.length, end - at)
    const { bytesRead } = await onDisk(handle.read(memory, 0, wanted, at), 'cannot read', path)
    if (bytesRead === 0) throw tooShort(path, at, end)
    at += bytesRead
    yield memory.subarray(0, bytesRead)
  }
}

function tooShort(path: string, sizeBytes: number, end: number): PullbackError {
  return new PullbackError('DestinationFailed', {
    what: `${path} has ${sizeBytes} bytes, and bytes up to ${end} were asked for`,
    subject: path,
  })
}

// What an index looked like when it was closed in order: its size and a sum over its bytes. An index that does not
// look so any more was changed by something else: a failing disk, an old copy put back, another program.
import { closeSync, existsSync, openSync, readSync, rmSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { systemCode } from '../base/errors.ts'

export interface IndexSeal {
  readonly sizeBytes: number
  readonly crc32: number
}

/** 1 MiB: gigabytes a second on one core; larger pieces gained nothing. */
const pieceBytes = 1024 * 1024
/** What SQLite keeps beside the file while it is open. */
const besides = ['-wal', '-shm', '-journal'] as const

/** Of a closed index; undefined if it cannot be read, or SQLite has left part of it beside it, as on a full disk. */
export function sealOf(path: string): IndexSeal | undefined {
  if (hasBesides(path)) return undefined
  try {
    return readSeal(path)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}

/** True if part of it may lie beside it: it was not closed to its end. */
export function hasBesides(path: string): boolean {
  return besides.some((end) => existsSync(path + end))
}

/** Removes what lies beside an index and is no part of it. */
export function removeBesides(path: string): void {
  for (const end of besides) rmSync(path + end, { force: true })
}

function readSeal(path: string): IndexSeal {
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.allocUnsafe(pieceBytes)
    let sum = 0
    let sizeBytes = 0
    for (;;) {
      const read = readSync(file, piece, 0, pieceBytes, sizeBytes)
      if (read === 0) return { sizeBytes, crc32: sum }
      sum = crc32(piece.subarray(0, read), sum)
      sizeBytes += read
    }
  } finally {
    closeSync(file)
  }
}

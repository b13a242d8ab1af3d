// Hashing, by the names that the format uses. One-shot and incremental; always `node:crypto`.
import { createHash, hash as hashOnce, type Hash } from 'node:crypto'

/** Length of a SHA-256 in bytes. */
export const sha256Length = 32

export function sha256(bytes: Uint8Array): Buffer {
  return hashOnce('sha256', bytes, 'buffer')
}

export function newSha256(): Hash {
  return createHash('sha256')
}

/** The hashes of a list of them, one after the other. */
export function hashesIn(list: Buffer): Buffer[] {
  const hashes: Buffer[] = []
  for (let at = 0; at < list.length; at += sha256Length) hashes.push(list.subarray(at, at + sha256Length))
  return hashes
}

// Blocklists: how a content of two or more blocks names them. The hashes of its blocks, 32 bytes each and in order, are
// cut into lists that are stored as blocks themselves, so a list is never longer than a block. All but the last are
// full. A content of no or one block has none. (Duplicati: StreamBlockSplitter.cs)
import { assert } from '../base/assert.ts'
import { sha256, sha256Length } from '../base/hash.ts'

/** How many hashes a full blocklist holds. It is shorter than a block where that is no multiple of 32 bytes. */
export function hashesPerBlocklist(blocksizeBytes: number): number {
  return Math.floor(blocksizeBytes / sha256Length)
}

/** How many blocks a content of this size has; the empty one has none. */
export function blockCount(sizeBytes: number, blocksizeBytes: number): number {
  return Math.ceil(sizeBytes / blocksizeBytes)
}

/**
 * How many blocklists a content of this size must name: stock counts them, cuts off what is too many, and then finds
 * its database wrong. To be compared wherever blocklists are read or written.
 */
export function blocklistCount(sizeBytes: number, blocksizeBytes: number): number {
  const blocks = blockCount(sizeBytes, blocksizeBytes)
  return blocks < 2 ? 0 : Math.ceil(blocks / hashesPerBlocklist(blocksizeBytes))
}

/** Cuts the hashes of a content's blocks into its blocklists. They are views of the bytes given. */
export function* cutBlocklists(hashes: Buffer, blocksizeBytes: number): Generator<Buffer> {
  assert(hashes.length % sha256Length === 0, 'hashes come whole')
  assert(hashes.length >= 2 * sha256Length, 'a content with blocklists has two blocks at least')
  const fullBytes = hashesPerBlocklist(blocksizeBytes) * sha256Length
  assert(fullBytes > 0, 'a block can hold a hash')
  for (let at = 0; at < hashes.length; at += fullBytes) yield hashes.subarray(at, at + fullBytes)
}

/** True if the bytes are the blocklist of this hash and can be one at this block size. */
export function isBlocklist(bytes: Uint8Array, expected: { hash: Buffer; blocksizeBytes: number }): boolean {
  const hasLength = bytes.length > 0 && bytes.length % sha256Length === 0
  return hasLength && bytes.length <= expected.blocksizeBytes && sha256(bytes).equals(expected.hash)
}

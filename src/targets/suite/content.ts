// Contents for the conformance suite: bytes made from a seed, streams of them that break off where a test wants, and
// the reading back.
import { createCipheriv } from 'node:crypto'
import { neverAborted } from '../../base/abort.ts'
import { sha256 } from '../../base/hash.ts'
import type { PutContent, Target } from '../target.ts'

/** `count` bytes that look random and are the same for the same seed. */
export function seededBytes(seed: number, count: number): Buffer {
  const key = sha256(Buffer.from(String(seed))).subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count))
}

/** Whole numbers from 0 to below `bound` that look random and are the same for the same seed. */
export function seededNumbers(seed: number): (bound: number) => number {
  let count = 0
  return (bound) => sha256(Buffer.from(`${seed} ${(count += 1)}`)).readUIntBE(0, 6) % bound
}

interface ContentOptions {
  /** Replaces the stream; length and hash announced stay those of `bytes`. */
  readonly open?: () => AsyncIterable<Uint8Array>
  readonly chunkBytes?: number
}

/** A content of these bytes, announced truthfully. */
export function contentOf(bytes: Uint8Array, options: ContentOptions = {}): PutContent {
  const { chunkBytes = 64 * 1024, open = () => chunksOf(bytes, chunkBytes) } = options
  return { sizeBytes: bytes.length, sha256: sha256(bytes), open }
}

export async function* chunksOf(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
}

/** Gives these bytes and then breaks with `error`. */
export async function* breakingAfter(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield* chunksOf(bytes, 1000)
  throw error
}

export async function put(target: Target, name: string, bytes: Uint8Array): Promise<void> {
  await target.put(name, contentOf(bytes), neverAborted())
}

export async function get(
  target: Target,
  name: string,
  range?: [offset: number, end: number],
): Promise<Buffer> {
  const signal = neverAborted()
  const options = range ? { signal, range: { offset: range[0], length: range[1] - range[0] } } : { signal }
  return Buffer.concat(await Array.fromAsync(target.get(name, options), (chunk) => Buffer.from(chunk)))
}

/** The names listed, sorted. */
export async function listed(target: Target): Promise<string[]> {
  const files = await Array.fromAsync(target.list(neverAborted()))
  return files.map((file) => file.name).sort()
}

/** A name as volumes have them; another one for each number. */
export function volumeName(number: number): string {
  return `duplicati-b${number.toString(16).padStart(32, '0')}.dblock.zip.aes`
}

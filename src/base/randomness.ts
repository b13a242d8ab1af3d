// The only source of random bytes and names. Handed in like the clock, so that a test can repeat a run.
import { randomBytes } from 'node:crypto'

export interface Randomness {
  bytes(count: number): Buffer
}

export const systemRandomness: Randomness = { bytes: (count) => randomBytes(count) }

/** `bytes` random bytes in lower-case hex. */
export function randomHex(randomness: Randomness, bytes: number): string {
  return randomness.bytes(bytes).toString('hex')
}

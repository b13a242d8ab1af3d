// Numbers that look random and follow from a seed, fast enough for gigabytes of test data. Xorshift with 32 bits
// (G. Marsaglia, Xorshift RNGs, 2003): no secret may ever come from it.
import { createHash } from 'node:crypto'

export class Dice {
  #state: number

  constructor(seed: string) {
    // Hashed, so that seeds that are alike start far apart; zero is the one state that never moves on.
    this.#state = createHash('sha256').update(seed).digest().readInt32LE() || 1
  }

  /** A whole number from 0 up to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit)
  }

  /** Of the normal distribution with mean 0 and deviation 1 (Box and Muller). */
  normal(): number {
    // Never zero, whose logarithm is infinite: the state is not.
    const radius = Math.sqrt(-2 * Math.log(this.#next() / 2 ** 32))
    return radius * Math.cos(2 * Math.PI * (this.#next() / 2 ** 32))
  }

  /** Bytes that no compressor makes smaller. */
  bytes(count: number): Buffer {
    const words = new Uint32Array(Math.ceil(count / 4))
    for (let at = 0; at < words.length; at += 1) words[at] = this.#next()
    return Buffer.from(words.buffer, 0, count)
  }

  #next(): number {
    let bits = this.#state
    bits ^= bits << 13
    bits ^= bits >>> 17
    bits ^= bits << 5
    this.#state = bits
    return bits >>> 0
  }
}

// The one bounded queue: a budget of something countable (requests in flight, bytes in memory, uploads at once) that
// is taken, waited for in order, and given back.
import { assert } from './assert.ts'
import { cancelled } from './abort.ts'

interface Waiter {
  readonly amount: number
  readonly resolve: () => void
}

export class Budget {
  readonly total: number
  #free: number
  readonly #waiting: Waiter[] = []

  constructor(total: number) {
    assert(total > 0, 'a budget is more than nothing')
    this.total = total
    this.#free = total
  }

  get free(): number {
    return this.#free
  }

  /**
   * Waits for `amount` and takes it; first come, first served. An amount over the total is cut to the total, so
   * that one huge thing passes alone rather than never. Returns what was taken: give exactly that back.
   */
  async take(amount: number, signal: AbortSignal): Promise<number> {
    const wanted = Math.min(amount, this.total)
    if (signal.aborted) throw cancelled()
    if (this.#waiting.length === 0 && wanted <= this.#free) {
      this.#free -= wanted
      return wanted
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(cancelled())
        this.#serve()
      }
      const waiter: Waiter = {
        amount: wanted,
        resolve: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiter)
    })
    return wanted
  }

  give(amount: number): void {
    this.#free += amount
    assert(this.#free <= this.total, 'no more is given back than was taken')
    this.#serve()
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first && first.amount <= this.#free; first = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= first.amount
      first.resolve()
    }
  }
}

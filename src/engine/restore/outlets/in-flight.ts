// Pieces of work that run side by side, so many at a time and so many bytes. The first failure that is not one of a
// single piece stops new ones from beginning, and is what `settled` ends in.
import { Budget } from '../../../base/budget.ts'

export class InFlight {
  readonly #slots: Budget
  readonly #bytes: Budget
  readonly #signal: AbortSignal
  readonly #running = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  constructor(limits: { readonly count: number; readonly bytes: number }, signal: AbortSignal) {
    this.#slots = new Budget(limits.count)
    this.#bytes = new Budget(limits.bytes)
    this.#signal = signal
  }

  /** Waits for room and begins. Fails with the failure of an earlier piece. */
  async begin(sizeBytes: number, work: () => Promise<unknown>): Promise<void> {
    const slot = await this.#slots.take(1, this.#signal)
    const bytes = await this.#bytes.take(sizeBytes, this.#signal)
    if (this.#failure) throw this.#failure.error
    const running = work()
      .then(
        () => undefined,
        (error: unknown) => {
          this.#failure ??= { error }
        },
      )
      .finally(() => {
        this.#slots.give(slot)
        this.#bytes.give(bytes)
        this.#running.delete(running)
      })
    this.#running.add(running)
  }

  /** Waits until nothing runs, whatever came of it. */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
  }

  /** Waits until nothing runs. Fails with the first failure. */
  async settled(): Promise<void> {
    await this.idle()
    if (this.#failure) throw this.#failure.error
  }
}

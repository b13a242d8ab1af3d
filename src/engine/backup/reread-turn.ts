// Which unchanged files are read again in a run: a content can change without its time or length showing it, by a
// failing disk or a program that sets times back. Every file has a place on a circle, by its path; each run reads those
// whose places lie between where the last run ended and here, so that all are read once in a period.
import type { Index } from '../../index-db/open-index.ts'

const dayMs = 86_400_000
/** After a long pause a run reads this share of all at most, and the next ones the rest. */
const maxShare = 0.1
/** FNV-1a, 32 bits: isthe.com/chongo/tech/comp/fnv. */
const fnvOffset = 0x811c9dc5
const fnvPrime = 0x01000193
const circle = 2 ** 32

export class RereadTurn {
  readonly #from: number
  readonly #share: number
  readonly #nowMs: number

  /** `periodDays` 0 reads nothing again. The first run of an index has nothing to read again. */
  constructor(index: Index, nowMs: number, periodDays: number) {
    const [from = 0, lastMs = nowMs] = index.setting('reread')?.split(' ').map(Number) ?? []
    const elapsedMs = Math.max(0, nowMs - lastMs)
    this.#nowMs = nowMs
    this.#from = from
    this.#share = periodDays > 0 ? Math.min(elapsedMs / (periodDays * dayMs), maxShare) : 0
  }

  isDue(pathText: string): boolean {
    if (this.#share === 0) return false
    const ahead = placeOf(pathText) - this.#from
    return (ahead < 0 ? ahead + 1 : ahead) < this.#share
  }

  /** The run was completed: the next one goes on from here. */
  done(index: Index): void {
    index.set('reread', `${(this.#from + this.#share) % 1} ${this.#nowMs}`)
  }
}

/** From 0 to 1. */
function placeOf(pathText: string): number {
  let hash = fnvOffset
  for (let at = 0; at < pathText.length; at += 1) {
    hash = Math.imul(hash ^ pathText.charCodeAt(at), fnvPrime)
  }
  return (hash >>> 0) / circle
}

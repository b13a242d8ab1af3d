// A volume that the lanes of a restore share, and the volumes in their order with some that are fetched ahead.
import type { PullbackError } from '../../base/errors.ts'
import type { Piece } from '../../index-db/restore-plan.ts'
import type { ChosenFile, Want } from './piece-batches.ts'

/** Fetched while others are worked on: enough to hide the way to the destination, and all that the spool must hold. */
const volumesAhead = 2

export class SharedVolume {
  readonly id: number
  /** Its file in the spool; fails as fetching it does. */
  readonly fetched: Promise<string>
  /** A lane has come to it: what is planned for it now is for another time. */
  isBegun = false
  /** Files to be written whole. */
  batches: Generator<ChosenFile[], undefined> | undefined
  /** To be taken one by one, when all files are written. */
  left: Piece[] = []
  blocks: Generator<Want[], undefined> | undefined
  /** Lanes that are at it. */
  lanes = 0
  wasOpened = false
  /** Why it cannot be read. */
  refusal: PullbackError | undefined
  #first: Promise<void> | undefined
  #lanesInFiles = 0
  #isOver = false
  #isForgotten = false
  readonly #over = Promise.withResolvers<undefined>()
  readonly #filesOver = Promise.withResolvers<undefined>()

  constructor(id: number, fetched: Promise<string>) {
    this.id = id
    this.fetched = fetched
    // Looked at when a lane comes to it; until then a failure is not unhandled.
    fetched.catch(() => undefined)
  }

  /** Nothing is left to take. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** When nothing is left to take. */
  get over(): Promise<undefined> {
    return this.#over.promise
  }

  end(): void {
    this.#isOver = true
    this.#over.resolve(undefined)
  }

  /** The first lane does it, and all others wait until it is done. */
  async firstOfAll(work: () => Promise<void>): Promise<void> {
    this.#first ??= work()
    await this.#first
  }

  /** Does a lane's part of the files, and waits until all lanes have done theirs: only then is known what is left. */
  async inFiles(work: () => Promise<void>): Promise<void> {
    this.#lanesInFiles += 1
    try {
      await work()
    } finally {
      this.#lanesInFiles -= 1
      if (this.#lanesInFiles === 0) this.#filesOver.resolve(undefined)
    }
    await this.#filesOver.promise
  }

  /** Lets go of what it holds; true for the first who says so. */
  forget(): boolean {
    if (this.#isForgotten) return false
    this.#isForgotten = true
    this.left = []
    this.batches = undefined
    this.blocks = undefined
    return true
  }
}

export class VolumesAhead {
  readonly #ids: readonly number[]
  readonly #fetch: (id: number) => Promise<string>
  readonly #begun: SharedVolume[] = []

  /** `fetch` brings a volume into the spool. */
  constructor(ids: readonly number[], fetch: (id: number) => Promise<string>) {
    this.#ids = ids
    this.#fetch = fetch
  }

  /** The volume of this number from 0; undefined behind the last. It is being fetched, and so are the next. */
  at(number: number): SharedVolume | undefined {
    for (const id of this.#ids.slice(this.#begun.length, number + volumesAhead + 1)) {
      this.#begun.push(new SharedVolume(id, this.#fetchInTurn(id)))
    }
    return this.#begun[number]
  }

  /** Nobody can work before the first is there: the others leave the way to it. */
  async #fetchInTurn(id: number): Promise<string> {
    const [first] = this.#begun
    if (first) await Promise.allSettled([first.fetched])
    return this.#fetch(id)
  }

  /** Whoever waits for others to be done with a volume waits no longer. */
  giveUp(): void {
    for (const volume of this.#begun) volume.end()
  }

  /** When nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#begun.map(({ fetched }) => fetched))
  }
}

// Where the checker writes down what it finds. A finding is one sentence with the place it is about in front:
// file, entry, property. What breaks the format is always a problem; what only differs from the profile Pullback writes
// is a problem in Pullback's own backups and merely noted in those of others.

export type Written = 'pullback' | 'stock'

/** A file, entry or value that cannot be read any further; the message says where and why. */
export class Unreadable extends Error {}

export type Findings = {
  /** What makes the backup unsound. */
  readonly problems: string[]
  /** What differs from Pullback's profile where that is allowed. */
  readonly tolerated: string[]
  readonly root: Place
}

/** Opens an empty book; `cutOff` says that a run was interrupted, so that its leftovers are allowed. */
export function newFindings(options: { written: Written; cutOff: boolean }): Findings {
  const problems: string[] = []
  const tolerated: string[] = []
  const strict = options.written === 'pullback'
  const books = {
    broken: problems,
    unlike: strict ? problems : tolerated,
    leftover: strict && !options.cutOff ? problems : tolerated,
  }
  return { problems, tolerated, root: new Place('', books) }
}

type Books = { broken: string[]; unlike: string[]; leftover: string[] }

/** One spot of the backup to which findings are pinned. */
export class Place {
  readonly #where: string
  readonly #books: Books

  constructor(where: string, books: Books) {
    this.#where = where
    this.#books = books
  }

  /** A narrower place inside this one. */
  at(part: string): Place {
    return new Place(this.#where === '' ? part : `${this.#where}, ${part}`, this.#books)
  }

  /** Violates the format: readers fail or lose data. */
  broken(what: string): void {
    this.#books.broken.push(this.#sentence(what))
  }

  /** Readable, but not what Pullback writes. */
  unlike(what: string): void {
    this.#books.unlike.push(this.#sentence(what))
  }

  /** What an interrupted run may leave behind, and a finished one must not. */
  leftover(what: string): void {
    this.#books.leftover.push(this.#sentence(what))
  }

  /** Runs `read`; what turns out unreadable becomes a finding of the given weight, and the result undefined. */
  attempt<T>(weight: 'broken' | 'leftover', read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      this[weight](error.message)
      return undefined
    }
  }

  #sentence(what: string): string {
    return this.#where === '' ? what : `${this.#where}: ${what}`
  }
}

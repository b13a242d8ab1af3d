// The only place that calls SQLite: prepared statements whose failures come out as operating errors. Rows come back as
// arrays, which costs half of what objects cost; each table's file gives its columns their names.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import { isPullbackError, PullbackError, systemCode } from '../base/errors.ts'

export type Row = readonly SQLOutputValue[]

export interface Statement {
  /** Returns how many rows it changed. */
  run(...values: SQLInputValue[]): number
  /** The first row, or undefined. */
  get(...values: SQLInputValue[]): Row | undefined
  all(...values: SQLInputValue[]): Row[]
  /** Rows one by one; the table must not be changed while it runs. */
  each(...values: SQLInputValue[]): IterableIterator<Row>
}

/** After a call that failed, all others fail likewise: what a disk says the second time proves nothing. */
export class Database {
  readonly path: string
  readonly #db: DatabaseSync
  #failure: PullbackError | undefined

  constructor(path: string) {
    this.path = path
    this.#db = translate(path, () => new DatabaseSync(path))
  }

  /** True once a call has failed for another reason than that the database is in use. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  execute(sql: string): void {
    this.#call(() => this.#db.exec(sql))
  }

  prepare(sql: string): Statement {
    const call = <T>(work: () => T): T => this.#call(work)
    const statement = call(() => this.#db.prepare(sql))
    statement.setReturnArrays(true)
    return {
      run: (...values) => call(() => Number(statement.run(...values).changes)),
      get: (...values) => call(() => statement.get(...values) as unknown as Row | undefined),
      all: (...values) => call(() => statement.all(...values) as unknown as Row[]),
      *each(...values) {
        const rows = call(() => statement.iterate(...values)) as unknown as Iterator<Row>
        for (;;) {
          const next = call(() => rows.next())
          if (next.done) return
          yield next.value
        }
      },
    }
  }

  /** A transaction that was not committed is taken back. */
  close(): void {
    translate(this.path, () => this.#db.close())
  }

  #call<T>(work: () => T): T {
    if (this.#failure) throw this.#failure
    try {
      return translate(this.path, work)
    } catch (error) {
      if (isPullbackError(error, 'IndexUnusable', 'IndexFull')) this.#failure = error
      throw error
    }
  }
}

/** The columns of a row, by what the schema says they are. */
export const column = {
  number: (value: SQLOutputValue | undefined): number => Number(value),
  text: (value: SQLOutputValue | undefined): string => String(value),
  bytes: (value: SQLOutputValue | undefined): Buffer => {
    if (!(value instanceof Uint8Array)) return Buffer.alloc(0)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  },
  bytesOrUndefined: (value: SQLOutputValue | undefined): Buffer | undefined =>
    value instanceof Uint8Array ? column.bytes(value) : undefined,
}

// Primary result codes, sqlite.org/rescode.html.
const sqliteBusy = 5
const sqliteFull = 13
const sqliteCannotOpen = 14
const sqliteFailed = 10
/** Of its extended codes: none, READ, SHORT_READ, DATA, CORRUPTFS. */
const sqliteFailedReading = new Set([10, 266, 522, 8202, 8458])
const sqliteNames: Readonly<Record<number, string>> = {
  8: 'it cannot be written',
  10: 'the disk failed while reading or writing it',
  11: 'it is damaged',
  14: 'it cannot be opened',
  26: 'it is not an index',
}

function translate<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (systemCode(error) !== 'ERR_SQLITE_ERROR') throw error
    const extended = codeOf(error)
    const code = extended & 0xff
    if (code === sqliteBusy) {
      throw new PullbackError('IndexInUse', {
        what: `another run is using the index ${path}`,
        subject: path,
        cause: error,
      })
    }
    if (code === sqliteFull || (isOutside(extended) && hasNoRoom(path))) {
      throw new PullbackError('IndexFull', {
        what: `the index ${path} cannot be written: the disk it lies on is full`,
        subject: path,
        cause: error,
      })
    }
    const reason = sqliteNames[code] ?? 'SQLite refused a statement'
    throw new PullbackError('IndexUnusable', {
      what: `the index ${path} cannot be used: ${reason}`,
      subject: path,
      cause: error,
    })
  }
}

/**
 * True for a failure that says nothing of what is in the file: it, or what SQLite keeps beside it, could not be opened
 * or written, for want of permission, handles or room.
 */
export function isOutsideOfContent({ cause }: PullbackError): boolean {
  return isOutside(codeOf(cause))
}

function isOutside(extended: number): boolean {
  const code = extended & 0xff
  return code === sqliteCannotOpen || (code === sqliteFailed && !sqliteFailedReading.has(extended))
}

function codeOf(error: unknown): number {
  return error !== null && typeof error === 'object' && 'errcode' in error ? Number(error.errcode) : 0
}

/** No file can be made beside it, for want of bytes or of inodes. */
function hasNoRoom(path: string): boolean {
  try {
    const { bavail, ffree, files } = statfsSync(dirname(path))
    return bavail === 0 || (files > 0 && ffree === 0)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return false
  }
}

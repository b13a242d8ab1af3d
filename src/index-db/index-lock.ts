// One writer: who has the lock of an index may change or replace it. The lock is a small database beside the index, so
// that the index itself can be swapped while it is held; the kernel frees it when its process dies, however it
// dies. The same database names the holder, and says whether the last one closed the index in order.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { isPullbackError, PullbackError, systemCode } from '../base/errors.ts'
import type { IndexSeal } from './index-seal.ts'
import { column, Database, type Row } from './statement.ts'

/** A process that asks who holds the lock reads for microseconds; our commit waits for it. */
const readersMs = 5000

const table = `CREATE TABLE IF NOT EXISTS holder (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  host TEXT NOT NULL,
  boot_id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  index_size_bytes INTEGER,
  index_crc32 INTEGER
)`

interface Holder {
  readonly host: string
  /** Tells processes of one number apart that lived before and after the machine was started anew. */
  readonly bootId: string
  readonly pid: number
  readonly startedMs: number
}

export class IndexLock {
  /** How the last holder left the index; undefined if there was none, or it did not end in order. */
  readonly left: IndexSeal | undefined
  readonly #database: Database

  private constructor(database: Database, left: IndexSeal | undefined) {
    this.#database = database
    this.left = left
  }

  /** `IndexInUse`, with the name of the holder, when another process has it. */
  static take(indexPath: string, clock: Clock): IndexLock {
    const database = new Database(`${indexPath}.lock`)
    try {
      return new IndexLock(database, lock(database, { indexPath, startedMs: clock.nowMs() }))
    } catch (error) {
      database.close()
      if (!isPullbackError(error, 'IndexUnusable')) throw error
      throw new PullbackError('IndexUnusable', {
        what: error.what,
        subject: database.path,
        advice: `When no other run is going on, delete ${database.path}: it holds no data.`,
        cause: error,
      })
    }
  }

  /** Gives the lock back. Without a seal the next holder looks closely at the index before it believes it. */
  release(seal: IndexSeal | undefined): void {
    try {
      if (!seal) return
      const update = 'UPDATE holder SET index_size_bytes = ?, index_crc32 = ?'
      this.#database.prepare(update).run(seal.sizeBytes, seal.crc32)
      this.#database.execute('COMMIT')
    } catch (error) {
      // The index is closed and whole; that this could not be noted costs the next run a close look.
      if (!isPullbackError(error, 'IndexUnusable', 'IndexFull', 'IndexInUse')) throw error
    } finally {
      this.#database.close()
    }
  }
}

/**
 * The name of the holder is committed, for others to read, and then a transaction begun that keeps them from writing.
 * Between the two another process may come first: whoever finds another name than its own writes it anew.
 */
function lock(
  database: Database,
  { indexPath, startedMs }: { readonly indexPath: string; readonly startedMs: number },
): IndexSeal | undefined {
  const self: Holder = { host: hostname(), bootId: bootId(), pid: process.pid, startedMs }
  let left: IndexSeal | undefined
  for (;;) {
    database.execute('PRAGMA busy_timeout = 0')
    try {
      database.execute('BEGIN IMMEDIATE')
    } catch (error) {
      throw isPullbackError(error, 'IndexInUse') ? inUse(database, indexPath) : error
    }
    database.execute(`PRAGMA busy_timeout = ${readersMs}`)
    database.execute(table)
    const row = holderRow(database)
    if (row && isSame(holderOf(row), self) && row[4] === null) return left
    left = row && sealIn(row)
    database
      .prepare('INSERT OR REPLACE INTO holder VALUES (1, ?, ?, ?, ?, NULL, NULL)')
      .run(self.host, self.bootId, self.pid, self.startedMs)
    database.execute('COMMIT')
  }
}

function holderRow(database: Database): Row | undefined {
  return database
    .prepare('SELECT host, boot_id, pid, started_ms, index_size_bytes, index_crc32 FROM holder')
    .get()
}

function holderOf(row: Row): Holder {
  return {
    host: column.text(row[0]),
    bootId: column.text(row[1]),
    pid: column.number(row[2]),
    startedMs: column.number(row[3]),
  }
}

function isSame(one: Holder, other: Holder): boolean {
  return (
    one.host === other.host &&
    one.bootId === other.bootId &&
    one.pid === other.pid &&
    one.startedMs === other.startedMs
  )
}

function sealIn(row: Row): IndexSeal | undefined {
  if (row[4] === null || row[5] === null) return undefined
  return { sizeBytes: column.number(row[4]), crc32: column.number(row[5]) }
}

function inUse(database: Database, indexPath: string): PullbackError {
  let by = ''
  try {
    const row = holderRow(database)
    if (row) {
      const { pid, host, startedMs } = holderOf(row)
      by = `: process ${pid} on ${host}, since ${new Date(startedMs).toISOString().replace(/\.\d+/, '')}`
    }
  } catch (error) {
    // It is just being written, or not yet: then the holder stays without a name.
    if (!isPullbackError(error, 'IndexInUse', 'IndexUnusable')) throw error
  }
  return new PullbackError('IndexInUse', {
    what: `another run is using the index ${indexPath}${by}`,
    subject: indexPath,
  })
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return ''
  }
}

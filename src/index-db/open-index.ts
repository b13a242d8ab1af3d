// Opens the index of one backup: its lock, its file, its tables. Only one process has an index open at a time. An index
// that was closed in order is believed if it is as it was left; any other is looked at closely. One that cannot be
// believed is put aside, and a new one begun, for who asks for that.
import { existsSync, lstatSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { assert } from '../base/assert.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { isPullbackError, PullbackError, systemCode } from '../base/errors.ts'
import { BlockTable } from './block-table.ts'
import { faultOf } from './check-index.ts'
import { EntryTable } from './entry-table.ts'
import { GapTable } from './gap-table.ts'
import { IndexLock } from './index-lock.ts'
import { removeBesides, sealOf, type IndexSeal } from './index-seal.ts'
import { schema, schemaNumber } from './schema.ts'
import { column, Database, isOutsideOfContent } from './statement.ts'
import { VersionTable } from './version-table.ts'
import { VolumeTable } from './volume-table.ts'

/**
 * `blocksize` is fixed for a backup's whole life; `reread` says how far reading unchanged files again has come,
 * `checks` how far reading every volume again has, and `compacted` when that was last done without being asked for.
 */
export type Setting = 'blocksize' | 'reread' | 'checks' | 'compacted'

export interface OpenIndexOptions {
  /** A scratch index: fast, gone with its file, not safe against a crash. */
  readonly scratch?: boolean
  /** Takes the reason why an index could not be believed; without this such an index is refused. */
  readonly onPutAside?: (reason: PullbackError) => void
  readonly clock?: Clock
  /** The lock of this index, held already; the file is believed. */
  readonly lock?: IndexLock
}

// 8 MiB. More gained nothing at a hundred thousand entries (measured).
const cachePages = 1024
const pageSizeBytes = 8192

export class Index {
  readonly path: string
  readonly volumes: VolumeTable
  readonly blocks: BlockTable
  readonly versions: VersionTable
  readonly entries: EntryTable
  readonly gaps: GapTable
  readonly database: Database
  #lock: IndexLock | undefined
  #inTransaction = false
  #isOpen = true
  #isClosedWell = false

  constructor(database: Database, lock?: IndexLock) {
    this.#lock = lock
    this.path = database.path
    this.database = database
    this.volumes = new VolumeTable(database)
    this.blocks = new BlockTable(database)
    this.versions = new VersionTable(database)
    this.entries = new EntryTable(database)
    this.gaps = new GapTable(database)
  }

  setting(name: Setting): string | undefined {
    const row = this.database.prepare('SELECT value FROM setting WHERE name = ?').get(name)
    return row && column.text(row[0])
  }

  set(name: Setting, value: string): void {
    this.database.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)').run(name, value)
  }

  /** Everything changed so far is on disk when this returns; what follows belongs to the next commit. */
  commit(): void {
    if (this.#inTransaction) this.database.execute('COMMIT')
    this.#inTransaction = false
    this.begin()
  }

  /** Collects changes until `commit`. */
  begin(): void {
    if (this.#inTransaction) return
    this.database.execute('BEGIN')
    this.#inTransaction = true
  }

  /** Takes back what was changed since the last commit. */
  rollback(): void {
    if (this.#inTransaction) this.database.execute('ROLLBACK')
    this.#inTransaction = false
  }

  /**
   * After a failed call nothing more is written, and the next run looks closely before it believes the index. An index
   * that is closed already stays so.
   */
  close(): void {
    let seal: IndexSeal | undefined
    try {
      this.#closeFile()
      if (this.#lock && this.#isClosedWell) seal = sealOf(this.path)
    } finally {
      this.#lock?.release(seal)
      this.#lock = undefined
    }
  }

  /** Closes the file and gives its lock, still held, to whoever puts another file in its place. */
  handOver(): IndexLock {
    const lock = this.#lock
    assert(lock, 'only an index with a lock can be handed over')
    this.#closeFile()
    this.#lock = undefined
    return lock
  }

  #closeFile(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    try {
      if (this.#inTransaction && !this.database.hasFailed) this.database.execute('COMMIT')
      this.#inTransaction = false
    } finally {
      this.database.close()
    }
    this.#isClosedWell = !this.database.hasFailed
  }
}

/**
 * Opens or makes an index. `IndexInUse` when another process has it, `IndexNewer` when a later Pullback wrote it,
 * `IndexForeign` when it is another program's; `IndexUnusable` when it is damaged or of an older form: then it is to
 * be built again.
 */
export function openIndex(path: string, options: OpenIndexOptions = {}): Index {
  makeFolderOf(path)
  if (options.scratch) return new Index(openDatabase(path, { scratch: true }))
  if (options.lock) return new Index(openDatabase(path, { scratch: false }), options.lock)
  const lock = IndexLock.take(path, options.clock ?? systemClock)
  try {
    return new Index(openLocked(path, lock, options), lock)
  } catch (error) {
    lock.release(lock.left)
    throw error
  }
}

function openLocked(path: string, lock: IndexLock, { onPutAside }: OpenIndexOptions): Database {
  try {
    return openBelieved(path, lock.left)
  } catch (error) {
    if (!onPutAside || !isPullbackError(error, 'IndexUnusable')) throw error
    // That says nothing of what is in it, and a new one could not be opened either.
    if (isOutsideOfContent(error) && lstatSync(path, { throwIfNoEntry: false })?.isFile()) throw error
    putAside(path)
    onPutAside(error)
    return openDatabase(path, { scratch: false })
  }
}

function openBelieved(path: string, left: IndexSeal | undefined): Database {
  // A WAL without its index, or beside one that was closed in order, comes from another time.
  if (left || !existsSync(path)) removeBesides(path)
  if (left && existsSync(path)) {
    const found = sealOf(path)
    if (found?.sizeBytes !== left.sizeBytes || found.crc32 !== left.crc32)
      throw unusable(path, 'it is not as the last run left it')
  }
  const database = openDatabase(path, { scratch: false })
  try {
    const fault = left ? undefined : faultOf(database)
    if (fault !== undefined) throw unusable(path, `it was not closed in order, and ${fault}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function openDatabase(path: string, { scratch }: { readonly scratch: boolean }): Database {
  const database = new Database(path)
  try {
    prepare(database, scratch)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Renamed rather than deleted: who named a wrong file has lost nothing. */
function putAside(path: string): void {
  try {
    if (lstatSync(path).isDirectory()) throw unusable(path, 'it is a folder')
    renameSync(path, `${path}.unusable`)
    removeBesides(path)
  } catch (error) {
    if (isPullbackError(error) || systemCode(error) === undefined) throw error
    throw unusable(path, 'it cannot be put aside', error)
  }
}

function prepare(database: Database, scratch: boolean): void {
  database.execute(`PRAGMA page_size = ${pageSizeBytes}; PRAGMA cache_size = ${cachePages}`)
  const isNew = demandOurs(database)
  // Exclusive locking keeps the file ours from the first read to the close, and needs no shared memory beside the WAL.
  database.execute('PRAGMA locking_mode = EXCLUSIVE')
  if (scratch) database.execute('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF')
  else database.execute('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.execute('BEGIN EXCLUSIVE')
  if (isNew) {
    database.execute(schema)
    database.execute(`PRAGMA user_version = ${schemaNumber}`)
  }
  database.execute('COMMIT')
}

/** True for a file without anything in it. Changes nothing: the file may be another program's. */
function demandOurs(database: Database): boolean {
  const found = column.number(database.prepare('PRAGMA user_version').get()?.[0])
  const isEmpty = column.number(database.prepare('SELECT count(*) FROM sqlite_schema').get()?.[0]) === 0
  if (found === 0 && !isEmpty) refuseForeign(database)
  if (found > 0 && found < schemaNumber) throw unusable(database.path, 'an earlier Pullback wrote it')
  if (found > schemaNumber) {
    throw new PullbackError('IndexNewer', {
      what: `the index ${database.path} was written by a newer Pullback`,
      subject: database.path,
    })
  }
  return isEmpty
}

/** Our tables without our number are damage; tables of another program are not ours to touch. */
function refuseForeign(database: Database): never {
  const { path } = database
  const ours = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'blocklist'").get()
  if (ours) throw unusable(path, 'its head is damaged')
  throw new PullbackError('IndexForeign', {
    what: `${path} is not an index: it is a database of another program`,
    subject: path,
  })
}

function makeFolderOf(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unusable(path, 'its folder cannot be made', error)
  }
}

function unusable(path: string, reason: string, cause?: unknown): PullbackError {
  return new PullbackError('IndexUnusable', {
    what: `the index ${path} cannot be used: ${reason}`,
    subject: path,
    cause,
  })
}

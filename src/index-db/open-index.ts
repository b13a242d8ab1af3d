// Opens the index of one backup: its file, its tables, its lock. Only one process has an index open at a time; the
// kernel frees the lock when the process dies, however it dies.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { PullbackError } from '../base/errors.ts'
import { BlockTable } from './block-table.ts'
import { EntryTable } from './entry-table.ts'
import { GapTable } from './gap-table.ts'
import { schema, schemaNumber, tables } from './schema.ts'
import { column, Database } from './statement.ts'
import { VersionTable } from './version-table.ts'
import { VolumeTable } from './volume-table.ts'

/** `blocksize` is fixed for a backup's whole life; `reread` says how far reading unchanged files again has come. */
export type Setting = 'blocksize' | 'reread'

export interface OpenIndexOptions {
  /** A scratch index: fast, gone with its file, not safe against a crash. */
  readonly scratch?: boolean
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
  #inTransaction = false

  constructor(database: Database) {
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

  /** Forgets everything. */
  clear(): void {
    for (const table of tables) this.database.execute(`DELETE FROM ${table}`)
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

  close(): void {
    if (this.#inTransaction) this.database.execute('COMMIT')
    this.#inTransaction = false
    this.database.close()
  }
}

/**
 * Opens or makes an index. `IndexInUse` when another process has it, `IndexNewer` when a later Pullback wrote it,
 * `IndexUnusable` when it is damaged or of an older form: then it is to be built again.
 */
export function openIndex(path: string, options: OpenIndexOptions = {}): Index {
  makeFolderOf(path)
  const database = new Database(path)
  try {
    prepare(database, options.scratch ?? false)
    return new Index(database)
  } catch (error) {
    database.close()
    throw error
  }
}

function prepare(database: Database, scratch: boolean): void {
  database.execute(`PRAGMA page_size = ${pageSizeBytes}; PRAGMA cache_size = ${cachePages}`)
  // Exclusive locking keeps the file ours from the first read to the close, and needs no shared memory beside the WAL.
  database.execute('PRAGMA locking_mode = EXCLUSIVE')
  if (scratch) database.execute('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF')
  else database.execute('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.execute('BEGIN EXCLUSIVE')
  const found = column.number(database.prepare('PRAGMA user_version').get()?.[0])
  if (found === 0) {
    const foreign = column.number(database.prepare('SELECT count(*) FROM sqlite_schema').get()?.[0])
    if (foreign > 0) throw unusable(database.path, 'it is a database of another program')
    database.execute(schema)
    database.execute(`PRAGMA user_version = ${schemaNumber}`)
  }
  database.execute('COMMIT')
  if (found > 0 && found < schemaNumber) throw unusable(database.path, 'an earlier Pullback wrote it')
  if (found > schemaNumber) {
    throw new PullbackError('IndexNewer', {
      what: `the index ${database.path} was written by a newer Pullback`,
      subject: database.path,
    })
  }
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

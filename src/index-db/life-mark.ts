// A mark in a folder that says that its process lives: an empty file that the process holds locked. The kernel frees it
// when the process dies, however it dies, so whoever can lock it knows that nobody lives behind it. It works across
// containers and, where the disk has locks, across machines; where it has none nobody is ever taken for dead.
import { isPullbackError } from '../base/errors.ts'
import { Database } from './statement.ts'

export interface LifeMark {
  /** Frees the mark; its file stays for the caller to remove. */
  readonly release: () => void
}

/** Locks the file at `path`, and makes it if it is missing. Undefined: another has it, or it cannot be locked. */
export function takeLifeMark(path: string): LifeMark | undefined {
  let database: Database | undefined
  try {
    database = new Database(path)
    database.execute('PRAGMA busy_timeout = 0')
    // Nothing is ever written: the file stays empty, and needs no journal, which would outlive a killed process.
    database.execute('PRAGMA journal_mode = MEMORY')
    database.execute('BEGIN IMMEDIATE')
  } catch (error) {
    database?.close()
    if (!isPullbackError(error, 'IndexInUse', 'IndexUnusable', 'IndexFull')) throw error
    return undefined
  }
  const held = database
  return { release: () => held.close() }
}

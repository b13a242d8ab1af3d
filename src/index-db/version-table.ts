// The versions of a backup, oldest first. A version is `building` until its dlist is confirmed at the destination; at
// most one is, and whatever rows it brought are taken back when the run does not end well.
import { column, type Database, type Row, type Statement } from './statement.ts'

export interface VersionRow {
  readonly id: number
  /** The version's identity and date: whole seconds, in milliseconds since 1970 UTC. */
  readonly timeMs: number
  readonly state: 'building' | 'complete'
  readonly isFull: boolean
  /** The dlist volume; undefined while building. */
  readonly dlistId: number | undefined
}

export class VersionTable {
  readonly #insert: Statement
  readonly #complete: Statement
  readonly #remove: Statement
  readonly #all: Statement

  constructor(db: Database) {
    this.#insert = db.prepare(
      "INSERT INTO version (time_ms, state, is_full) VALUES (?, 'building', 1) RETURNING id",
    )
    this.#complete = db.prepare(
      "UPDATE version SET state = 'complete', is_full = ?, dlist_id = ? WHERE id = ?",
    )
    this.#remove = db.prepare('DELETE FROM version WHERE id = ?')
    this.#all = db.prepare('SELECT id, time_ms, state, is_full, dlist_id FROM version ORDER BY time_ms')
  }

  begin(timeMs: number): number {
    return column.number(this.#insert.get(timeMs)?.[0])
  }

  complete(id: number, list: { isFull: boolean; dlistId: number }): void {
    this.#complete.run(list.isFull ? 1 : 0, list.dlistId, id)
  }

  remove(id: number): void {
    this.#remove.run(id)
  }

  all(): VersionRow[] {
    return this.#all.all().map(versionOf)
  }
}

function versionOf(row: Row): VersionRow {
  return {
    id: column.number(row[0]),
    timeMs: column.number(row[1]),
    state: row[2] === 'complete' ? 'complete' : 'building',
    isFull: row[3] === 1,
    dlistId: row[4] === null ? undefined : column.number(row[4]),
  }
}

// The versions of a backup, oldest first. A version is `building` until its dlist is confirmed at the destination; at
// most one is, and whatever rows it brought are taken back when the run does not end well.
import { column, type Database, type Row, type Statement } from './statement.ts'

export interface VersionRow {
  readonly id: number
  /** The version's identity and date: whole seconds, in milliseconds since 1970 UTC. */
  readonly timeMs: number
  readonly state: 'building' | 'complete'
  readonly isFull: boolean
  /** The dlist volume; undefined until it is written. */
  readonly dlistId: number | undefined
}

export class VersionTable {
  readonly #insert: Statement
  readonly #announce: Statement
  readonly #complete: Statement
  readonly #setTime: Statement
  readonly #replaceList: Statement
  readonly #remove: Statement
  readonly #all: Statement

  constructor(db: Database) {
    this.#insert = db.prepare(
      "INSERT INTO version (time_ms, state, is_full) VALUES (?, 'building', 1) RETURNING id",
    )
    this.#announce = db.prepare('UPDATE version SET is_full = ?, dlist_id = ? WHERE id = ?')
    this.#complete = db.prepare("UPDATE version SET state = 'complete' WHERE id = ?")
    this.#setTime = db.prepare('UPDATE version SET time_ms = ? WHERE id = ?')
    this.#replaceList = db.prepare('UPDATE version SET time_ms = ?, dlist_id = ? WHERE id = ?')
    this.#remove = db.prepare('DELETE FROM version WHERE id = ?')
    this.#all = db.prepare('SELECT id, time_ms, state, is_full, dlist_id FROM version ORDER BY time_ms')
  }

  begin(timeMs: number): number {
    return column.number(this.#insert.get(timeMs)?.[0])
  }

  /** Its file list is written and about to be sent: should it arrive, this is the version that it completes. */
  announce(id: number, list: { isFull: boolean; dlistId: number }): void {
    this.#announce.run(list.isFull ? 1 : 0, list.dlistId, id)
  }

  /** Its file list was made again under another time, which must keep the order of versions. */
  setTime(id: number, timeMs: number): void {
    this.#setTime.run(timeMs, id)
  }

  /** Its file list, announced before, is confirmed at the destination. */
  complete(id: number): void {
    this.#complete.run(id)
  }

  /** Another file list, with a time of its own, has taken the place of its own. */
  replaceList(id: number, list: { timeMs: number; dlistId: number }): void {
    this.#replaceList.run(list.timeMs, list.dlistId, id)
  }

  /** The version being made, or that a dead run left unfinished. */
  building(): VersionRow | undefined {
    return this.all().find(({ state }) => state === 'building')
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

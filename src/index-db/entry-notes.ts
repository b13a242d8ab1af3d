// What a run has found out about entries and may not write down at once: that they are gone counts when their source
// was seen to its end, that they are sure counts when all that was stored for them has arrived. A run that ends before
// leaves both unsaid. Kept in temporary tables: there may be more of them than fit into memory.
import { column, type Database, type Statement } from './statement.ts'
import type { EntryRow, EntryTable } from './entry-table.ts'

/** Not found any more; there and not to be had, which is told as a gap; left out because a rule says so. */
export type GoneReason = 'removed' | 'missed' | 'left-out'

export interface GoneEntry {
  /** Undefined: it stays, what lies below it does not. */
  readonly row: EntryRow | undefined
  /** For a folder its path with trailing separator: all that lies below it is gone, too. */
  readonly below: string | undefined
  readonly reason: GoneReason
}

const portionRows = 1000

/** Entries of one source that the new version does not hold. */
export class GoneEntries {
  readonly #entries: EntryTable
  readonly #add: Statement
  readonly #portion: Statement

  constructor({ database, entries }: { readonly database: Database; readonly entries: EntryTable }) {
    this.#entries = entries
    database.execute(
      `CREATE TEMP TABLE IF NOT EXISTS gone
         (id INTEGER PRIMARY KEY, folder_id INTEGER, name TEXT, since INTEGER, below TEXT, reason TEXT);
       DELETE FROM gone`,
    )
    this.#add = database.prepare(
      'INSERT INTO gone (folder_id, name, since, below, reason) VALUES (?, ?, ?, ?, ?)',
    )
    this.#portion = database.prepare(
      `SELECT id, folder_id, name, since, below, reason FROM gone WHERE id > ? ORDER BY id LIMIT ${portionRows}`,
    )
  }

  add({ row, below, reason }: GoneEntry): void {
    this.#add.run(row?.folderId ?? null, row?.name ?? null, row?.since ?? null, below ?? null, reason)
  }

  /** Ends them all, in the order in which they were added. Returns how many entries each reason cost. */
  end(versionId: number): Readonly<Record<GoneReason, number>> {
    const ended = { removed: 0, missed: 0, 'left-out': 0 }
    for (let last = 0; ;) {
      const rows = this.#portion.all(last)
      for (const [id, folderId, name, since, below, reason] of rows) {
        last = column.number(id)
        let count = 0
        if (name !== null) {
          const place = {
            folderId: column.number(folderId),
            name: column.text(name),
            since: column.number(since),
          }
          count += this.#entries.end(place, versionId)
        }
        if (below !== null) count += this.#entries.endBelow(column.text(below), versionId)
        ended[column.text(reason) as GoneReason] += count
      }
      if (rows.length < portionRows) return ended
    }
  }
}

/** Entries that were read again and are what they were, with all of it stored. */
export class SureEntries {
  readonly #database: Database
  readonly #add: Statement

  constructor({ database }: { readonly database: Database }) {
    this.#database = database
    database.execute(
      `CREATE TEMP TABLE IF NOT EXISTS sure
         (folder_id INTEGER, name TEXT, since INTEGER, PRIMARY KEY (folder_id, name, since)) WITHOUT ROWID;
       DELETE FROM sure`,
    )
    this.#add = database.prepare('INSERT OR IGNORE INTO sure (folder_id, name, since) VALUES (?, ?, ?)')
  }

  add({ folderId, name, since }: EntryRow): void {
    this.#add.run(folderId, name, since)
  }

  /** To be called when every block is at the destination that was stored until now. */
  write(): void {
    this.#database.execute(
      `UPDATE entry SET racy = 0 FROM sure
       WHERE entry.folder_id = sure.folder_id AND entry.name = sure.name AND entry.since = sure.since;
       DELETE FROM sure`,
    )
  }
}

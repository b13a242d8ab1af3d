// Takes entries out of versions that are there already, path by path. Which paths is noted first, in a temporary table
// on disk, so that they can be counted and named before anything changes. Afterwards the rows are those that a rebuild
// from file lists without these entries would make.
import { column, type Database } from './statement.ts'

export interface PurgedFromVersion {
  readonly entries: number
  /** Of the content of files. */
  readonly bytes: number
  /** Entries of the version that stay. */
  readonly left: number
}

const holds = (version: string): string => `since <= ${version} AND (until IS NULL OR until > ${version})`
const isPurged = '(folder_id, name) IN (SELECT folder_id, name FROM purged)'

export class PurgedPaths {
  readonly #db: Database

  /** Notes every path that one of the versions holds and that matches; folders end with their separator. */
  constructor(db: Database, versionIds: readonly number[], matches: (path: string) => boolean) {
    this.#db = db
    db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS purged (
        folder_id INTEGER, name TEXT, PRIMARY KEY (folder_id, name)) WITHOUT ROWID;
      CREATE TEMP TABLE IF NOT EXISTS chosen_version (id INTEGER PRIMARY KEY);
      DELETE FROM purged;
      DELETE FROM chosen_version`)
    const choose = db.prepare('INSERT OR IGNORE INTO chosen_version (id) VALUES (?)')
    for (const id of versionIds) choose.run(id)
    const note = db.prepare('INSERT OR IGNORE INTO purged (folder_id, name) VALUES (?, ?)')
    const rows = db.prepare(
      `SELECT folder_id, name, path || name FROM entry JOIN folder ON folder.id = folder_id
       WHERE EXISTS (SELECT 1 FROM chosen_version WHERE ${holds('chosen_version.id')})`,
    )
    for (const [folderId = 0, name = '', path] of rows.each()) {
      if (matches(column.text(path))) note.run(folderId, name)
    }
  }

  count(): number {
    return column.number(this.#db.prepare('SELECT count(*) FROM purged').get()?.[0])
  }

  /** The first so many in order. */
  first(limit: number): string[] {
    const statement = this.#db.prepare(
      'SELECT path || name FROM purged JOIN folder ON folder.id = folder_id ORDER BY path, name LIMIT ?',
    )
    return statement.all(limit).map((row) => column.text(row[0]))
  }

  /** What of them the version holds. */
  of(versionId: number): PurgedFromVersion {
    const row = this.#db
      .prepare(
        `SELECT total(gone), total(gone * size_bytes), total(NOT gone)
         FROM (SELECT size_bytes, ${isPurged} AS gone FROM entry WHERE ${holds('?1')})`,
      )
      .get(versionId)
    const [entries, bytes, left] = row ?? []
    return { entries: column.number(entries), bytes: column.number(bytes), left: column.number(left) }
  }

  /** The version does not hold them any more; what other versions hold stays as it is. */
  takeFrom(versionId: number): void {
    const facts =
      'kind, size_bytes, modified_us, hash, blocklists, meta_hash, meta_size_bytes, meta_blocklists, racy'
    const next = '(SELECT min(id) FROM version WHERE id > ?1)'
    const goesOn = `${next} IS NOT NULL AND (until IS NULL OR until > ${next})`
    const affected = `${isPurged} AND ${holds('?1')}`
    // What the versions after it hold becomes a row of its own, then its own row ends before it, or never began.
    for (const sql of [
      `INSERT INTO entry (folder_id, name, since, until, ${facts})
         SELECT folder_id, name, ${next}, until, ${facts} FROM entry WHERE ${affected} AND ${goesOn}`,
      `DELETE FROM entry WHERE ${affected} AND since = ?1`,
      `UPDATE entry SET until = ?1 WHERE ${affected} AND since < ?1`,
    ]) {
      this.#db.prepare(sql).run(versionId)
    }
  }
}

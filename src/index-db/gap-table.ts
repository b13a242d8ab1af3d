// What each version does not hold as it should: where, and why. Kept beside the version, in its file list too, so that
// the question "why is this file not in it" has an answer years later.
import { column, type Database, type Statement } from './statement.ts'

export interface GapRow {
  readonly path: string
  /** Of the error catalogue; a word that a later version may have dropped. */
  readonly code: string
  readonly what: string
}

export class GapTable {
  readonly #add: Statement
  readonly #has: Statement
  readonly #of: Statement
  readonly #drop: Statement

  constructor(db: Database) {
    this.#add = db.prepare('INSERT INTO gap (version_id, path, code, what) VALUES (?, ?, ?, ?)')
    this.#has = db.prepare('SELECT 1 FROM gap WHERE version_id = ? LIMIT 1')
    this.#of = db.prepare('SELECT path, code, what FROM gap WHERE version_id = ? ORDER BY rowid')
    this.#drop = db.prepare('DELETE FROM gap WHERE version_id = ?')
  }

  add(versionId: number, gap: GapRow): void {
    this.#add.run(versionId, gap.path, gap.code, gap.what)
  }

  has(versionId: number): boolean {
    return this.#has.get(versionId) !== undefined
  }

  /** The gaps of a version in the order in which they were found; read while the table does not change. */
  *of(versionId: number): Generator<GapRow> {
    for (const row of this.#of.each(versionId)) {
      yield { path: column.text(row[0]), code: column.text(row[1]), what: column.text(row[2]) }
    }
  }

  drop(versionId: number): void {
    this.#drop.run(versionId)
  }
}

// Blocklists that entries need and whose contents an index does not know, as after a dindex was lost: they lie in
// dblocks, as blocks. Kept in a temporary table on disk, as there may be millions.
import { hashesIn } from '../base/hash.ts'
import { column, type Database, type Statement } from './statement.ts'

export class UnknownBlocklists {
  readonly #db: Database
  readonly #has: Statement
  readonly #nextVolume: Statement

  /** Collects them from all versions of the index. */
  constructor(db: Database) {
    this.#db = db
    db.execute(
      'CREATE TEMP TABLE IF NOT EXISTS unknown_list (hash BLOB PRIMARY KEY) WITHOUT ROWID; DELETE FROM unknown_list',
    )
    this.#collect()
    const stillUnknown = 'NOT EXISTS (SELECT 1 FROM blocklist WHERE blocklist.hash = unknown_list.hash)'
    this.#has = db.prepare(`SELECT 1 FROM unknown_list WHERE hash = ? AND ${stillUnknown}`)
    this.#nextVolume = db.prepare(
      `SELECT min(volume_id) FROM unknown_list JOIN block USING (hash) WHERE volume_id > ? AND ${stillUnknown}`,
    )
  }

  has(hash: Uint8Array): boolean {
    return this.#has.get(hash) !== undefined
  }

  /** Volumes that hold some which are not known yet when the volume is asked for. */
  *volumes(): Generator<number> {
    for (let last = 0; ;) {
      const next = this.#nextVolume.get(last)?.[0]
      if (typeof next !== 'number') return
      yield next
      last = next
    }
  }

  #collect(): void {
    const isKnown = this.#db.prepare('SELECT 1 FROM blocklist WHERE hash = ?')
    const add = this.#db.prepare('INSERT OR IGNORE INTO unknown_list VALUES (?)')
    const fields = this.#db.prepare(
      `SELECT blocklists FROM entry WHERE blocklists IS NOT NULL UNION ALL
       SELECT meta_blocklists FROM entry WHERE meta_blocklists IS NOT NULL`,
    )
    for (const [names] of fields.each()) {
      for (const list of hashesIn(column.bytes(names))) if (!isKnown.get(list)) add.run(list)
    }
  }
}

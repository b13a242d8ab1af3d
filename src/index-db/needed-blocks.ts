// Which blocks the versions of an index need: the content of their files, the lists of it, and their metadata. Kept in
// a temporary table on disk, as there may be millions; whoever changes the index collects them anew.
import { hashesIn } from '../base/hash.ts'
import { column, type Database, type Statement } from './statement.ts'

/** What of a dblock is of use. A block with copies in several volumes counts as needed in the oldest of them. */
export interface VolumeUse {
  readonly volumeId: number
  readonly blocks: number
  readonly bytes: number
  readonly neededBlocks: number
  readonly neededBytes: number
}

export class NeededBlocks {
  readonly #db: Database
  readonly #add: Statement
  readonly #listOf: Statement

  constructor(db: Database) {
    this.#db = db
    db.execute('CREATE TEMP TABLE IF NOT EXISTS needed (hash BLOB PRIMARY KEY) WITHOUT ROWID')
    this.#add = db.prepare('INSERT OR IGNORE INTO needed (hash) VALUES (?)')
    this.#listOf = db.prepare('SELECT hashes FROM blocklist WHERE hash = ?')
  }

  /**
   * Collects them from all versions of the index, one that is being made included. Returns the blocklists whose
   * contents the index does not know: while there are any, nobody can say of a block that it is not needed.
   */
  collect(): Buffer[] {
    this.#db.execute(`
      DELETE FROM needed;
      INSERT OR IGNORE INTO needed SELECT hash FROM entry
        WHERE hash IS NOT NULL AND blocklists IS NULL AND size_bytes > 0;
      INSERT OR IGNORE INTO needed SELECT meta_hash FROM entry
        WHERE meta_hash IS NOT NULL AND meta_blocklists IS NULL AND meta_size_bytes > 0`)
    const unknown: Buffer[] = []
    const lists = this.#db.prepare(
      `SELECT DISTINCT blocklists FROM entry WHERE blocklists IS NOT NULL UNION
       SELECT DISTINCT meta_blocklists FROM entry WHERE meta_blocklists IS NOT NULL`,
    )
    for (const [names] of lists.each()) {
      for (const list of hashesIn(column.bytes(names))) if (!this.#addList(list)) unknown.push(list)
    }
    return unknown
  }

  count(): number {
    return column.number(this.#db.prepare('SELECT count(*) FROM needed').get()?.[0])
  }

  /** Needed blocks that are in no volume. */
  *missing(): Generator<Buffer> {
    const statement = this.#db.prepare(
      'SELECT hash FROM needed WHERE NOT EXISTS (SELECT 1 FROM block WHERE block.hash = needed.hash)',
    )
    for (const [hash] of statement.each()) yield column.bytes(hash)
  }

  /** Every dblock that has blocks, oldest first. */
  use(): VolumeUse[] {
    const statement = this.#db.prepare(
      `SELECT volume_id, count(*), sum(size_bytes), sum(is_needed), sum(is_needed * size_bytes) FROM
         (SELECT volume_id, size_bytes, ${isNeededHere} AS is_needed FROM block) GROUP BY volume_id`,
    )
    return statement.all().map((row) => ({
      volumeId: column.number(row[0]),
      blocks: column.number(row[1]),
      bytes: column.number(row[2]),
      neededBlocks: column.number(row[3]),
      neededBytes: column.number(row[4]),
    }))
  }

  /** The blocks that these volumes are needed for, volume by volume, as a list on disk that stays as it is. */
  *blocksOf(volumeIds: readonly number[]): Generator<NeededBlock> {
    const ids = volumeIds.map(Math.trunc).join()
    this.#db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS chosen (id INTEGER PRIMARY KEY, volume_id INTEGER, hash BLOB, size_bytes INTEGER);
      DELETE FROM chosen;
      INSERT INTO chosen (volume_id, hash, size_bytes) SELECT volume_id, hash, size_bytes FROM block
        WHERE volume_id IN (${ids}) AND ${isNeededHere} ORDER BY volume_id`)
    const rows = this.#db.prepare(
      'SELECT id, volume_id, hash, size_bytes FROM chosen WHERE id > ? ORDER BY id LIMIT 1',
    )
    for (let row = rows.get(0); row; row = rows.get(row[0] ?? 0)) {
      const [, volumeId, hash, sizeBytes] = row
      const bytes = column.bytes(hash)
      const isBlocklist = this.#listOf.get(bytes) !== undefined
      yield {
        volumeId: column.number(volumeId),
        hash: bytes,
        sizeBytes: column.number(sizeBytes),
        isBlocklist,
      }
    }
  }

  /** False if the index does not know what the list holds. */
  #addList(list: Buffer): boolean {
    this.#add.run(list)
    const hashes = this.#listOf.get(list)
    if (!hashes) return false
    for (const hash of hashesIn(column.bytes(hashes[0]))) this.#add.run(hash)
    return true
  }
}

export interface NeededBlock {
  readonly volumeId: number
  readonly hash: Buffer
  readonly sizeBytes: number
  readonly isBlocklist: boolean
}

const isNeededHere = `(EXISTS (SELECT 1 FROM needed WHERE needed.hash = block.hash)
  AND NOT EXISTS (SELECT 1 FROM block older WHERE older.hash = block.hash AND older.volume_id < block.volume_id))`

// Which blocks the versions of an index need: the content of their files, the lists of it, and their metadata. Kept in
// a temporary table on disk, as there may be millions; whoever changes the index collects them anew.
import { hashesIn } from '../base/hash.ts'
import { column, type Database } from './statement.ts'

/** What of a dblock is of use. A block with copies in several volumes counts as needed in the newest of them. */
export interface VolumeUse {
  readonly volumeId: number
  readonly blocks: number
  readonly bytes: number
  readonly neededBlocks: number
  readonly neededBytes: number
}

export class NeededBlocks {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS needed (hash BLOB PRIMARY KEY, is_list INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TEMP TABLE IF NOT EXISTS named (hash BLOB NOT NULL, is_list INTEGER NOT NULL)`)
  }

  /**
   * Collects them from all versions of the index, one that is being made included. Returns the blocklists whose
   * contents the index does not know: while there are any, nobody can say of a block that it is not needed.
   */
  collect(): Buffer[] {
    this.#db.execute('DELETE FROM named; DELETE FROM needed')
    const unknown = this.#nameListed()
    // Sorted first, then written in order: a quarter of the time that two million hashes take as they come (measured).
    this.#db.execute(`
      INSERT INTO needed SELECT hash, max(is_list) FROM (
        SELECT hash, is_list FROM named
        UNION ALL SELECT hash, 0 FROM entry WHERE hash IS NOT NULL AND blocklists IS NULL AND size_bytes > 0
        UNION ALL SELECT meta_hash, 0 FROM entry
          WHERE meta_hash IS NOT NULL AND meta_blocklists IS NULL AND meta_size_bytes > 0
      ) GROUP BY hash;
      DELETE FROM named`)
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
    this.#db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS chosen (
        id INTEGER PRIMARY KEY, volume_id INTEGER, hash BLOB, size_bytes INTEGER, is_list INTEGER);
      DELETE FROM chosen;
      INSERT INTO chosen (volume_id, hash, size_bytes, is_list)
        SELECT volume_id, hash, size_bytes, (SELECT is_list FROM needed WHERE needed.hash = block.hash) FROM block
        WHERE volume_id IN (${idList(volumeIds)}) AND ${isNeededHere} ORDER BY volume_id`)
    const rows = this.#db.prepare(
      'SELECT id, volume_id, hash, size_bytes, is_list FROM chosen WHERE id > ? ORDER BY id LIMIT 1',
    )
    for (let row = rows.get(0); row; row = rows.get(row[0] ?? 0)) {
      yield {
        volumeId: column.number(row[1]),
        hash: column.bytes(row[2]),
        sizeBytes: column.number(row[3]),
        isBlocklist: row[4] === 1,
      }
    }
  }

  /** How many needed blocks would be in no volume any more without these. */
  onlyIn(volumeIds: readonly number[]): number {
    const going = `volume_id IN (${idList(volumeIds)})`
    const statement = this.#db.prepare(
      `SELECT count(DISTINCT hash) FROM block WHERE ${going}
       AND EXISTS (SELECT 1 FROM needed WHERE needed.hash = block.hash)
       AND NOT EXISTS (SELECT 1 FROM block other JOIN volume ON volume.id = other.volume_id
         WHERE other.hash = block.hash AND state IN ('uploaded', 'verified') AND NOT other.${going})`,
    )
    return column.number(statement.get()?.[0])
  }

  /** Notes the blocklists of all contents and metadata, and what they name; returns those that are not known. */
  #nameListed(): Buffer[] {
    const name = this.#db.prepare('INSERT INTO named (hash, is_list) VALUES (?, ?)')
    const fields = this.#db.prepare(
      `SELECT blocklists FROM entry WHERE blocklists IS NOT NULL UNION
       SELECT meta_blocklists FROM entry WHERE meta_blocklists IS NOT NULL`,
    )
    for (const [names] of fields.each()) for (const list of hashesIn(column.bytes(names))) name.run(list, 1)
    this.#db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS list (hash BLOB PRIMARY KEY) WITHOUT ROWID;
      DELETE FROM list;
      INSERT INTO list SELECT DISTINCT hash FROM named`)
    const lists = this.#db.prepare('SELECT list.hash, hashes FROM list LEFT JOIN blocklist USING (hash)')
    const unknown: Buffer[] = []
    for (const [list, hashes] of lists.each()) {
      if (hashes === null) unknown.push(column.bytes(list))
      else for (const hash of hashesIn(column.bytes(hashes))) name.run(hash, 0)
    }
    return unknown
  }
}

export interface NeededBlock {
  readonly volumeId: number
  readonly hash: Buffer
  readonly sizeBytes: number
  /** Such a one is kept in the dindex as well. */
  readonly isBlocklist: boolean
}

function idList(ids: readonly number[]): string {
  return ids.map(Math.trunc).join()
}

// The newest copy: what an interrupted run has moved is not needed where it was.
const isNeededHere = `(EXISTS (SELECT 1 FROM needed WHERE needed.hash = block.hash)
  AND NOT EXISTS (SELECT 1 FROM block newer WHERE newer.hash = block.hash AND newer.volume_id > block.volume_id))`

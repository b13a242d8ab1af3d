// Which block lies in which volume, and the contents of blocklists. A block may lie in several volumes; any copy will
// do, its hash is checked when it is read.
import { column, type Database, type Statement } from './statement.ts'

export interface BlockPlace {
  readonly volumeId: number
  readonly sizeBytes: number
}

export class BlockTable {
  readonly #has: Statement
  readonly #places: Statement
  readonly #add: Statement
  readonly #db: Database
  readonly #ofVolume: Statement
  readonly #addList: Statement
  readonly #getList: Statement
  readonly #count: Statement

  constructor(db: Database) {
    this.#db = db
    this.#has = db.prepare('SELECT 1 FROM block WHERE hash = ? LIMIT 1')
    this.#places = db.prepare('SELECT volume_id, size_bytes FROM block WHERE hash = ? ORDER BY volume_id')
    this.#add = db.prepare('INSERT OR IGNORE INTO block (hash, volume_id, size_bytes) VALUES (?, ?, ?)')
    this.#ofVolume = db.prepare('SELECT hash, size_bytes FROM block WHERE volume_id = ?')
    this.#addList = db.prepare('INSERT OR IGNORE INTO blocklist (hash, hashes) VALUES (?, ?)')
    this.#getList = db.prepare('SELECT hashes FROM blocklist WHERE hash = ?')
    this.#count = db.prepare('SELECT count(*) FROM block')
  }

  has(hash: Uint8Array): boolean {
    return this.#has.get(hash) !== undefined
  }

  places(hash: Uint8Array): BlockPlace[] {
    return this.#places.all(hash).map((row) => ({
      volumeId: column.number(row[0]),
      sizeBytes: column.number(row[1]),
    }))
  }

  add(hash: Uint8Array, place: BlockPlace): void {
    this.#add.run(hash, place.volumeId, place.sizeBytes)
  }

  /** The blocks of volumes that are gone are not stored there any more. Reads the whole table once. */
  dropVolumes(volumeIds: readonly number[]): void {
    if (volumeIds.length === 0) return
    this.#db.execute(`DELETE FROM block WHERE volume_id IN (${volumeIds.map(Math.trunc).join()})`)
  }

  /** Every block of a volume, in order of hash. Reads the whole table: rare. */
  *ofVolume(volumeId: number): IterableIterator<{ hash: Buffer; sizeBytes: number }> {
    for (const row of this.#ofVolume.each(volumeId)) {
      yield { hash: column.bytes(row[0]), sizeBytes: column.number(row[1]) }
    }
  }

  /** How many blocks each volume holds. Reads the whole table. */
  countByVolume(): Map<number, number> {
    const rows = this.#db.prepare('SELECT volume_id, count(*) FROM block GROUP BY volume_id').all()
    return new Map(rows.map((row) => [column.number(row[0]), column.number(row[1])]))
  }

  addBlocklist(hash: Uint8Array, hashes: Uint8Array): void {
    this.#addList.run(hash, hashes)
  }

  /** The hashes that a blocklist holds, one after the other; undefined if the index does not know it. */
  blocklist(hash: Uint8Array): Buffer | undefined {
    const row = this.#getList.get(hash)
    return row && column.bytes(row[0])
  }

  count(): number {
    return column.number(this.#count.get()?.[0])
  }
}

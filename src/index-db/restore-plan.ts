// The work list of a restore, on disk because it may be larger than memory: what is to be made, and which block of
// which volume goes where. Lives in a scratch index and goes with it.
import { column, type Database, type Row, type Statement } from './statement.ts'
import type { EntryKind } from './entry-table.ts'

/** A content is written to a file, metadata is applied to what was made. */
export type Part = 'metadata' | 'content'

export interface RestoreItem {
  readonly id: number
  /** As the file list has it. */
  readonly path: string
  readonly kind: EntryKind
  readonly sizeBytes: number
  readonly hash: Buffer | undefined
  readonly blocklists: Buffer | undefined
  readonly metaHash: Buffer | undefined
  readonly metaSizeBytes: number
  readonly metaBlocklists: Buffer | undefined
  /** Seconds since 1970; for a file whose metadata has no time. */
  readonly modifiedSeconds: number | undefined
}

/** Metadata that several items may need; there is nothing to be had of one that is lost. */
export type SharedBlock = Buffer | 'lost'

export interface Piece {
  readonly hash: Buffer
  /** 0: it is metadata that is shared, and `at` is its number. */
  readonly itemId: number
  /** Of the item. */
  readonly kind: EntryKind
  readonly part: Part
  /** The number of the block within the content, from 0. */
  readonly at: number
  /** Of the block, as the index knows it. */
  readonly sizeBytes: number
}

/** Rows that are in memory at once. */
const portion = 1000
const kinds: readonly EntryKind[] = ['file', 'folder', 'link']
const parts: readonly Part[] = ['metadata', 'content']

const tables = `
CREATE TABLE item (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, kind INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
  hash BLOB, blocklists BLOB, meta_hash BLOB, meta_size_bytes INTEGER NOT NULL, meta_blocklists BLOB,
  modified_seconds INTEGER
);
CREATE TABLE metadata (
  item_id INTEGER NOT NULL, at INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (item_id, at)
) WITHOUT ROWID;
CREATE TABLE piece (
  volume_id INTEGER NOT NULL, item_id INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (volume_id, item_id, part, at)
) WITHOUT ROWID;
CREATE TABLE shared (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, is_lost INTEGER NOT NULL, bytes BLOB);
CREATE TABLE waiting (item_id INTEGER PRIMARY KEY);
CREATE TABLE place (key TEXT PRIMARY KEY) WITHOUT ROWID;
`

export class RestorePlan {
  readonly #addItem: Statement
  readonly #items: Statement
  readonly #addPiece: Statement
  readonly #countPieces: Statement
  readonly #dropPieces: Statement
  readonly #volumes: Statement
  readonly #pieces: Statement
  readonly #addMetadata: Statement
  readonly #getMetadata: Statement
  readonly #addShared: Statement
  readonly #setShared: Statement
  readonly #getShared: Statement
  readonly #addWaiting: Statement
  readonly #waiting: Statement
  readonly #forgetWaiting: Statement
  readonly #idsOfKind: Statement
  readonly #item: Statement
  readonly #claimPlace: Statement

  constructor(db: Database) {
    db.execute(tables)
    const columns =
      'id, path, kind, size_bytes, hash, blocklists, meta_hash, meta_size_bytes, meta_blocklists, modified_seconds'
    this.#addItem = db.prepare(
      `INSERT INTO item (path, kind, size_bytes, hash, blocklists, meta_hash, meta_size_bytes, meta_blocklists,
       modified_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#items = db.prepare(`SELECT ${columns} FROM item WHERE id > ? ORDER BY id LIMIT ?`)
    this.#item = db.prepare(`SELECT ${columns} FROM item WHERE id = ?`)
    this.#addPiece = db.prepare(
      'INSERT OR IGNORE INTO piece (volume_id, item_id, part, at, hash) VALUES (?, ?, ?, ?, ?)',
    )
    this.#countPieces = db.prepare('SELECT count(*) FROM piece WHERE volume_id = ?')
    this.#dropPieces = db.prepare('DELETE FROM piece WHERE volume_id = ?')
    this.#volumes = db.prepare(
      'SELECT volume_id FROM piece GROUP BY volume_id ORDER BY sum(item_id = 0) DESC, volume_id',
    )
    this.#pieces = db.prepare(
      `SELECT piece.hash, item_id, part, at, block.size_bytes, item.kind FROM piece
       LEFT JOIN item ON item.id = item_id
       LEFT JOIN block ON block.hash = piece.hash AND block.volume_id = piece.volume_id
       WHERE piece.volume_id = ? AND (item_id, part, at) > (?, ?, ?) AND item_id < ?
       ORDER BY item_id, part, at LIMIT ${portion}`,
    )
    this.#addMetadata = db.prepare('INSERT OR REPLACE INTO metadata (item_id, at, bytes) VALUES (?, ?, ?)')
    this.#getMetadata = db.prepare('SELECT bytes FROM metadata WHERE item_id = ? ORDER BY at')
    this.#addShared = db.prepare(
      'INSERT INTO shared (hash, is_lost) VALUES (?, 0) ON CONFLICT DO NOTHING RETURNING id',
    )
    this.#setShared = db.prepare('UPDATE shared SET bytes = ?, is_lost = ? WHERE id = ?')
    this.#getShared = db.prepare('SELECT bytes, is_lost FROM shared WHERE hash = ?')
    this.#addWaiting = db.prepare('INSERT OR IGNORE INTO waiting (item_id) VALUES (?)')
    this.#waiting = db.prepare('SELECT item_id FROM waiting WHERE item_id > ? ORDER BY item_id LIMIT ?')
    this.#forgetWaiting = db.prepare('DELETE FROM waiting WHERE item_id <= ?')
    this.#claimPlace = db.prepare('INSERT OR IGNORE INTO place (key) VALUES (?)')
    this.#idsOfKind = db.prepare('SELECT id FROM item WHERE kind = ? ORDER BY path')
  }

  addItem(item: Omit<RestoreItem, 'id'>): void {
    this.#addItem.run(
      item.path,
      kinds.indexOf(item.kind),
      item.sizeBytes,
      item.hash ?? null,
      item.blocklists ?? null,
      item.metaHash ?? null,
      item.metaSizeBytes,
      item.metaBlocklists ?? null,
      item.modifiedSeconds ?? null,
    )
  }

  /** All items in the order in which they were added. Items may be changed and pieces added meanwhile. */
  *items(): IterableIterator<RestoreItem> {
    for (let after = 0; ;) {
      const rows = this.#items.all(after, portion)
      for (const row of rows) yield itemOf(row)
      if (rows.length < portion) return
      after = column.number(rows.at(-1)?.[0])
    }
  }

  item(id: number): RestoreItem | undefined {
    const row = this.#item.get(id)
    return row && itemOf(row)
  }

  /** All items of a kind, parents before what they hold, or after it. */
  *ofKind(kind: EntryKind, order: 'parents first' | 'parents last'): Generator<RestoreItem> {
    const ids = this.#idsOfKind.all(kinds.indexOf(kind)).map((row) => column.number(row[0]))
    if (order === 'parents last') ids.reverse()
    for (const id of ids) {
      const item = this.item(id)
      if (item) yield item
    }
  }

  /** Takes a place, by any name of it; false if it was taken before. */
  claimPlace(key: string): boolean {
    return this.#claimPlace.run(key) > 0
  }

  addPiece(volumeId: number, piece: Omit<Piece, 'sizeBytes' | 'kind'>): void {
    this.#addPiece.run(volumeId, piece.itemId, parts.indexOf(piece.part), piece.at, piece.hash)
  }

  /** Has a block of shared metadata fetched from a volume, if it was not planned before. */
  addShared(hash: Buffer, volumeId: number): void {
    const row = this.#addShared.get(hash)
    if (row) this.addPiece(volumeId, { itemId: 0, part: 'metadata', at: column.number(row[0]), hash })
  }

  /** By the number that its piece has. */
  setShared(id: number, found: SharedBlock): void {
    const isLost = found === 'lost'
    this.#setShared.run(isLost ? null : found, isLost ? 1 : 0, id)
  }

  /** Undefined as long as it has not come. */
  shared(hash: Buffer): SharedBlock | undefined {
    const row = this.#getShared.get(hash)
    return row?.[1] === 1 ? 'lost' : column.bytesOrUndefined(row?.[0])
  }

  /** The item's content is there, and its metadata has yet to come. */
  addWaiting(itemId: number): void {
    this.#addWaiting.run(itemId)
  }

  /** Every item that waits; it does not any more when the next is asked for. */
  *waiting(): Generator<number> {
    for (let after = 0; ;) {
      const rows = this.#waiting.all(after, portion)
      for (const row of rows) {
        yield column.number(row[0])
        after = column.number(row[0])
      }
      this.#forgetWaiting.run(after)
      if (rows.length < portion) return
    }
  }

  /** Forgets what a volume was needed for. */
  dropPieces(volumeId: number): void {
    this.#dropPieces.run(volumeId)
  }

  /** Ids of the volumes that are needed: first those with the most metadata that is shared, which others wait for. */
  volumes(): number[] {
    return this.#volumes.all().map((row) => column.number(row[0]))
  }

  /** For how many pieces a volume is needed. */
  countPieces(volumeId: number): number {
    return column.number(this.#countPieces.get(volumeId)?.[0])
  }

  /** The metadata in a volume that is shared. */
  *sharedPieces(volumeId: number): Generator<Piece, undefined> {
    yield* this.#piecesFrom(volumeId, { from: 0, below: 1 })
  }

  /** What items alone need of a volume: item by item, metadata before content. Others may be added meanwhile. */
  *pieces(volumeId: number): Generator<Piece, undefined> {
    yield* this.#piecesFrom(volumeId, { from: 1, below: Number.MAX_SAFE_INTEGER })
  }

  *#piecesFrom(volumeId: number, items: { from: number; below: number }): Generator<Piece, undefined> {
    for (let last = [items.from, -1, 0]; ;) {
      const rows = this.#pieces.all(volumeId, ...last, items.below)
      for (const row of rows) yield pieceOf(row)
      if (rows.length < portion) return undefined
      last = [1, 2, 3].map((at) => column.number(rows.at(-1)?.[at]))
    }
  }

  /** Keeps a piece of an item's metadata until the item can be finished. */
  addMetadata({ itemId, at }: Pick<Piece, 'itemId' | 'at'>, piece: Uint8Array): void {
    this.#addMetadata.run(itemId, at, piece)
  }

  /** What has been kept of it, in order. */
  metadata(itemId: number): Buffer[] {
    return this.#getMetadata.all(itemId).map((row) => column.bytes(row[0]))
  }
}

function pieceOf(row: Row): Piece {
  return {
    hash: column.bytes(row[0]),
    itemId: column.number(row[1]),
    part: parts[column.number(row[2])] ?? 'content',
    at: column.number(row[3]),
    sizeBytes: column.number(row[4] ?? 0),
    kind: kinds[column.number(row[5])] ?? 'file',
  }
}

function itemOf(row: Row): RestoreItem {
  return {
    id: column.number(row[0]),
    path: column.text(row[1]),
    kind: kinds[column.number(row[2])] ?? 'file',
    sizeBytes: column.number(row[3]),
    hash: column.bytesOrUndefined(row[4]),
    blocklists: column.bytesOrUndefined(row[5]),
    metaHash: column.bytesOrUndefined(row[6]),
    metaSizeBytes: column.number(row[7]),
    metaBlocklists: column.bytesOrUndefined(row[8]),
    modifiedSeconds: row[9] === null ? undefined : column.number(row[9]),
  }
}

// What every version holds: files, folders and links, each with the span of versions in which it looked the same.
// A folder's name keeps its trailing separator, so that a file and a folder of one name are two entries, as they are
// in a dlist.
import { column, type Database, type Row, type Statement } from './statement.ts'

export type EntryKind = 'file' | 'folder' | 'link'

/** What is known of an entry, apart from where it is and since when. */
export interface EntryFacts {
  readonly kind: EntryKind
  /** Of the content of a file; 0 for all else. */
  readonly sizeBytes: number
  /**
   * Last change of a file's content in microseconds since 1970; whole seconds when it comes from a dlist;
   * `unknownModifiedUs` when that does not say.
   */
  readonly modifiedUs: number
  /** SHA-256 of a file's content. */
  readonly hash: Buffer | undefined
  /** Hashes of the blocklists of a content of two or more blocks, one after the other. */
  readonly blocklists: Buffer | undefined
  /** SHA-256 of the metadata; undefined only where a foreign dlist has none. */
  readonly metaHash: Buffer | undefined
  readonly metaSizeBytes: number
  readonly metaBlocklists: Buffer | undefined
  /** The next run reads it again: it changed shortly before it was read, or a block that it needs is lost. */
  readonly racy: boolean
}

/** Below any time there is, and still a whole number that a column holds exactly. */
export const unknownModifiedUs = Number.MIN_SAFE_INTEGER

interface RowKey {
  readonly folderId: number
  readonly name: string
  readonly since: number
}

export interface EntryRow extends EntryFacts, RowKey {}

export interface PathRow extends EntryFacts {
  /** Whole path, folders with their trailing separator. */
  readonly path: string
}

/** What `entryFacts` reads. */
export const factColumns =
  'kind, size_bytes, modified_us, hash, blocklists, meta_hash, meta_size_bytes, meta_blocklists, racy'
const kinds: readonly EntryKind[] = ['file', 'folder', 'link']

export class EntryTable {
  readonly #db: Database
  readonly #folderId: Statement
  readonly #addFolder: Statement
  readonly #live: Statement
  readonly #liveOne: Statement
  readonly #add: Statement
  readonly #close: Statement
  readonly #forget: Statement
  readonly #revive: Statement
  readonly #closeBelow: Statement
  readonly #setRacy: Statement
  readonly #forgetBelow: Statement
  readonly #ofVersion: Statement

  constructor(db: Database) {
    this.#db = db
    this.#folderId = db.prepare('SELECT id FROM folder WHERE path = ?')
    this.#addFolder = db.prepare('INSERT INTO folder (path) VALUES (?) RETURNING id')
    this.#live = db.prepare(
      `SELECT folder_id, name, since, ${factColumns} FROM entry WHERE folder_id = ? AND until IS NULL`,
    )
    this.#liveOne = db.prepare(
      `SELECT folder_id, name, since, ${factColumns} FROM entry WHERE folder_id = ? AND name = ? AND until IS NULL`,
    )
    this.#add = db.prepare(
      `INSERT OR REPLACE INTO entry (folder_id, name, since, until, ${factColumns})
       VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#close = db.prepare(
      'UPDATE entry SET until = ? WHERE folder_id = ? AND name = ? AND since = ? AND until IS NULL',
    )
    this.#forget = db.prepare('DELETE FROM entry WHERE folder_id = ? AND name = ? AND since = ?')
    this.#revive = db.prepare('UPDATE entry SET until = NULL WHERE folder_id = ? AND name = ? AND until = ?')
    const below = 'folder_id IN (SELECT id FROM folder WHERE path >= ? AND path < ?) AND until IS NULL'
    this.#forgetBelow = db.prepare(`DELETE FROM entry WHERE ${below} AND since = ?`)
    this.#closeBelow = db.prepare(`UPDATE entry SET until = ? WHERE ${below}`)
    this.#setRacy = db.prepare('UPDATE entry SET racy = ? WHERE folder_id = ? AND name = ? AND since = ?')
    this.#ofVersion = db.prepare(
      `SELECT folder.path || entry.name, ${factColumns} FROM folder JOIN entry ON entry.folder_id = folder.id
       WHERE since <= ?1 AND (until IS NULL OR until > ?1) ORDER BY folder.path, entry.name`,
    )
  }

  /** The id of a folder by its path with trailing separator; made known if it is new. */
  folderId(path: string): number {
    const row = this.#folderId.get(path) ?? this.#addFolder.get(path)
    return column.number(row?.[0])
  }

  /** Every folder in which anything lies now, below this one, whose path has its separator. */
  *foldersBelow(root: string): Generator<string> {
    const statement = this.#db.prepare(
      `SELECT id, path FROM folder WHERE id > ? AND path > ? AND path < ?
         AND EXISTS (SELECT 1 FROM entry WHERE folder_id = folder.id AND until IS NULL) ORDER BY id LIMIT 1000`,
    )
    for (let last = 0; ;) {
      const rows = statement.all(last, root, afterPathsBelow(root))
      for (const row of rows) yield column.text(row[1])
      last = column.number(rows.at(-1)?.[0])
      if (rows.length === 0) return
    }
  }

  /** Every folder in which anything lies now, but none of these roots, by their paths with separator, nor below. */
  *foldersOutside(roots: readonly string[]): Generator<{ id: number; path: string }> {
    const outside = roots.map(() => 'NOT (path >= ? AND path < ?)')
    const live = 'EXISTS (SELECT 1 FROM entry WHERE folder_id = folder.id AND until IS NULL)'
    const statement = this.#db.prepare(
      `SELECT id, path FROM folder WHERE id > ? AND ${[...outside, live].join(' AND ')} ORDER BY id LIMIT 1000`,
    )
    const ranges = roots.flatMap((root) => [root, afterPathsBelow(root)])
    for (let last = 0; ;) {
      const rows = statement.all(last, ...ranges)
      for (const row of rows) yield { id: column.number(row[0]), path: column.text(row[1]) }
      last = column.number(rows.at(-1)?.[0])
      if (rows.length === 0) return
    }
  }

  /** The entries directly in a folder, as they are in the newest version. */
  live(folderId: number): EntryRow[] {
    return this.#live.all(folderId).map(entryOf)
  }

  liveOne(folderId: number, name: string): EntryRow | undefined {
    const row = this.#liveOne.get(folderId, name)
    return row && entryOf(row)
  }

  /** From version `since` on, the entry looks like this. The row it follows must be closed first. */
  add(place: { folderId: number; name: string; since: number }, facts: EntryFacts): void {
    this.#add.run(
      place.folderId,
      place.name,
      place.since,
      kinds.indexOf(facts.kind),
      facts.sizeBytes,
      facts.modifiedUs,
      facts.hash ?? null,
      facts.blocklists ?? null,
      facts.metaHash ?? null,
      facts.metaSizeBytes,
      facts.metaBlocklists ?? null,
      facts.racy ? 1 : 0,
    )
  }

  /** Corrects how sure we are of an entry that did not change. */
  setRacy(row: RowKey, racy: boolean): void {
    this.#setRacy.run(racy ? 1 : 0, row.folderId, row.name, row.since)
  }

  /**
   * From version `until` on, the entry is no longer so. A row that began in that very version is removed. Returns how
   * many rows that ended: none if it had ended before.
   */
  end({ folderId, name, since }: RowKey, until: number): number {
    if (since === until) return this.#forget.run(folderId, name, since)
    return this.#close.run(until, folderId, name, since)
  }

  /** As `end`, for all that lies below a folder, by its path with trailing separator. Returns how many entries. */
  endBelow(folderPath: string, until: number): number {
    const after = afterPathsBelow(folderPath)
    return this.#forgetBelow.run(folderPath, after, until) + this.#closeBelow.run(until, folderPath, after)
  }

  /** What a version brought, in portions that may be changed: its rows are those that begin in it. */
  *broughtBy(versionId: number): Generator<EntryRow> {
    const portion = 1000
    const statement = this.#db.prepare(
      `SELECT folder_id, name, since, ${factColumns} FROM entry
       WHERE (folder_id, name) > (?, ?) AND since = ? ORDER BY folder_id, name LIMIT ${portion}`,
    )
    for (let last = { folderId: 0, name: '' }; ;) {
      const rows = statement.all(last.folderId, last.name, versionId).map(entryOf)
      yield* rows
      last = rows.at(-1) ?? last
      if (rows.length < portion) return
    }
  }

  /** Takes back one row that a version brought: what it ended lives again. */
  takeBackOne(row: RowKey): void {
    this.#forget.run(row.folderId, row.name, row.since)
    this.#revive.run(row.folderId, row.name, row.since)
  }

  /** Takes back what a version changed below a folder, by its path with trailing separator. */
  takeBackBelow(folderPath: string, versionId: number): void {
    const below = 'folder_id IN (SELECT id FROM folder WHERE path >= ? AND path < ?)'
    const range = [folderPath, afterPathsBelow(folderPath)] as const
    this.#db.prepare(`DELETE FROM entry WHERE ${below} AND since = ?`).run(...range, versionId)
    this.#db.prepare(`UPDATE entry SET until = NULL WHERE ${below} AND until = ?`).run(...range, versionId)
  }

  /** Takes back all that version brought: its rows go, the rows it ended live again. Reads the whole table. */
  takeBack(versionId: number): void {
    this.#db.prepare('DELETE FROM entry WHERE since = ?').run(versionId)
    this.#db.prepare('UPDATE entry SET until = NULL WHERE until = ?').run(versionId)
  }

  /**
   * Notes which entries a version has, while they come in any order; `endOthers` then ends all that were not among
   * them. Kept in a temporary table, as a list may be larger than memory.
   */
  beginSeen(): { add(folderId: number, name: string): void; endOthers(versionId: number): void } {
    this.#db.execute(
      `CREATE TEMP TABLE IF NOT EXISTS seen (folder_id INTEGER, name TEXT, PRIMARY KEY (folder_id, name)) WITHOUT ROWID;
       DELETE FROM seen`,
    )
    const add = this.#db.prepare('INSERT OR IGNORE INTO seen VALUES (?, ?)')
    return {
      add: (folderId, name) => void add.run(folderId, name),
      endOthers: (versionId) => {
        const others = `until IS NULL AND since < ? AND NOT EXISTS
          (SELECT 1 FROM seen WHERE seen.folder_id = entry.folder_id AND seen.name = entry.name)`
        this.#db.prepare(`UPDATE entry SET until = ? WHERE ${others}`).run(versionId, versionId)
        this.#db.execute('DELETE FROM seen')
      },
    }
  }

  /** Every entry of a version, parents before what they hold. */
  *ofVersion(versionId: number): Generator<PathRow> {
    for (const row of this.#ofVersion.each(versionId)) {
      yield { path: column.text(row[0]), ...entryFacts(row, 1) }
    }
  }

  /** Folders in which no version holds anything any more are forgotten, their names with them. */
  forgetEmptyFolders(): void {
    this.#db.execute(
      'DELETE FROM folder WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.folder_id = folder.id)',
    )
  }

  /** True if the version differs in anything from the one before it. Reads the whole table at worst. */
  differs(versionId: number): boolean {
    const statement = this.#db.prepare('SELECT 1 FROM entry WHERE since = ?1 OR until = ?1 LIMIT 1')
    return statement.get(versionId) !== undefined
  }
}

/** The first text that comes after all paths which begin with this one. */
export function afterPathsBelow(folderPath: string): string {
  const last = folderPath.charCodeAt(folderPath.length - 1)
  return folderPath.slice(0, -1) + String.fromCharCode(last + 1)
}

function entryOf(row: Row): EntryRow {
  return {
    folderId: column.number(row[0]),
    name: column.text(row[1]),
    since: column.number(row[2]),
    ...entryFacts(row, 3),
  }
}

/** Of the number that stands for it in a row. */
export function entryKind(value: Row[number] | undefined): EntryKind {
  return kinds[column.number(value)] ?? 'file'
}

/** The facts of a row whose columns they are, from this one on. */
export function entryFacts(row: Row, at: number): EntryFacts {
  return {
    kind: entryKind(row[at]),
    sizeBytes: column.number(row[at + 1]),
    modifiedUs: column.number(row[at + 2]),
    hash: column.bytesOrUndefined(row[at + 3]),
    blocklists: column.bytesOrUndefined(row[at + 4]),
    metaHash: column.bytesOrUndefined(row[at + 5]),
    metaSizeBytes: column.number(row[at + 6]),
    metaBlocklists: column.bytesOrUndefined(row[at + 7]),
    racy: row[at + 8] === 1,
  }
}

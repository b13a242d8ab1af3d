// Takes what cannot come back out of versions that are there: an entry whose content is lost goes, one of which only
// the metadata is lost keeps its content and gets metadata that say nothing. Which entries is noted first, in a
// temporary table on disk, so that they can be counted and named before anything changes. Versions are changed from the
// newest to the oldest; the rows are then those that a rebuild from their new file lists would make.
import type { EntrySpan } from './entry-spans.ts'
import { column, type Database, type Row, type Statement } from './statement.ts'

/** What becomes of an entry: it goes, or only its metadata is lost and says nothing from now on. */
export type Loss = 'goes' | 'blank'

export interface LostFromVersion {
  readonly goes: number
  /** Of the content of files that go. */
  readonly bytes: number
  readonly blank: number
  /** Entries of the version that stay, and files among them. */
  readonly left: number
  readonly filesLeft: number
}

export interface LostPath {
  /** Whole path, folders with their trailing separator. */
  readonly path: string
  readonly sizeBytes: number
  readonly loss: Loss
}

/** The metadata that says nothing. */
interface Blank {
  readonly hash: Buffer
  readonly sizeBytes: number
}

const holds = 'since <= ?1 AND (until IS NULL OR until > ?1)'
const otherFacts = 'kind, size_bytes, modified_us, hash, blocklists'
const metaFacts = 'meta_hash, meta_size_bytes, meta_blocklists'
const rowKey = 'folder_id = ? AND name = ? AND since = ?'
const portionRows = 1000

export class LostEntries {
  readonly #db: Database
  readonly #add: Statement
  readonly #lossOf: Statement

  constructor(db: Database) {
    this.#db = db
    db.execute(`
      CREATE TEMP TABLE IF NOT EXISTS lost (
        folder_id INTEGER, name TEXT, since INTEGER, until INTEGER, path TEXT, size_bytes INTEGER, goes INTEGER,
        PRIMARY KEY (folder_id, name, since)) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS temp.lost_path ON lost (path);
      DELETE FROM lost`)
    this.#add = db.prepare(
      'INSERT OR IGNORE INTO lost (folder_id, name, since, until, path, size_bytes, goes) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#lossOf = db.prepare(`SELECT goes FROM lost WHERE path = ?2 AND ${holds}`)
  }

  add({ folderId, name, since, until, path, content }: EntrySpan, loss: Loss): void {
    const goes = loss === 'goes' ? 1 : 0
    this.#add.run(folderId, name, since, until ?? null, path, content.sizeBytes, goes)
  }

  /** What of them the version holds, before anything has changed. */
  of(versionId: number): LostFromVersion {
    const lost = this.#db.prepare(
      `SELECT total(goes), total(goes * size_bytes), total(NOT goes) FROM lost WHERE ${holds}`,
    )
    const stay = this.#db.prepare(
      `SELECT count(*), total(kind = 0) FROM entry WHERE ${holds} AND NOT EXISTS
         (SELECT 1 FROM lost WHERE goes AND lost.folder_id = entry.folder_id AND lost.name = entry.name
            AND lost.since = entry.since)`,
    )
    const [goes, bytes, blank] = numbers(lost.get(versionId))
    const [left, filesLeft] = numbers(stay.get(versionId))
    return {
      goes: goes ?? 0,
      bytes: bytes ?? 0,
      blank: blank ?? 0,
      left: left ?? 0,
      filesLeft: filesLeft ?? 0,
    }
  }

  /** The first so many that a version holds, in the order of their paths. */
  first(versionId: number, limit: number): LostPath[] {
    const statement = this.#db.prepare(
      `SELECT path, size_bytes, goes FROM lost WHERE ${holds} ORDER BY path LIMIT ?2`,
    )
    return statement.all(versionId, limit).map(([path, sizeBytes, goes]) => ({
      path: column.text(path),
      sizeBytes: column.number(sizeBytes),
      loss: goes === 1 ? 'goes' : 'blank',
    }))
  }

  /** Undefined: the version can give the entry back as it was. */
  lossOf(versionId: number, path: string): Loss | undefined {
    const row = this.#lossOf.get(versionId, path)
    if (!row) return undefined
    return row[0] === 1 ? 'goes' : 'blank'
  }

  /** The version holds them as its new list has it; what other versions hold stays as it is. */
  takeFrom(versionId: number, blank: Blank): void {
    const next = this.#db.prepare('SELECT min(id) FROM version WHERE id > ?').get(versionId)?.[0] ?? null
    const nextId = next === null ? undefined : column.number(next)
    const rows = this.#db.prepare(
      `SELECT entry.folder_id, entry.name, entry.since, entry.until, goes FROM lost
         JOIN entry ON entry.folder_id = lost.folder_id AND entry.name = lost.name AND entry.since = lost.since
       WHERE entry.since <= ?1 AND (entry.until IS NULL OR entry.until > ?1)
         AND (lost.folder_id, lost.name) > (?2, ?3)
       ORDER BY lost.folder_id, lost.name LIMIT ${portionRows}`,
    )
    const change = new RowChange(this.#db, { versionId, nextId, blank })
    for (let last: Row = [0, '']; ;) {
      const portion = rows.all(versionId, last[0] ?? 0, last[1] ?? '')
      for (const row of portion) change.apply(row)
      last = portion.at(-1) ?? last
      if (portion.length < portionRows) return
    }
  }
}

/** Takes one version out of the span of a row, and puts in its place what that version holds from now on. */
class RowChange {
  readonly #about: { readonly versionId: number; readonly nextId: number | undefined; readonly blank: Blank }
  readonly #goOn: Statement
  readonly #blankBeside: Statement
  readonly #blankHere: Statement
  readonly #end: Statement
  readonly #remove: Statement
  readonly #sameAfter: Statement

  constructor(
    db: Database,
    about: { readonly versionId: number; readonly nextId: number | undefined; readonly blank: Blank },
  ) {
    this.#about = about
    this.#goOn = db.prepare(
      `INSERT INTO entry (folder_id, name, since, until, ${otherFacts}, ${metaFacts}, racy)
         SELECT folder_id, name, ?, until, ${otherFacts}, ${metaFacts}, racy FROM entry WHERE ${rowKey}`,
    )
    this.#blankBeside = db.prepare(
      `INSERT INTO entry (folder_id, name, since, until, ${otherFacts}, ${metaFacts}, racy)
         SELECT folder_id, name, ?, ?, ${otherFacts}, ?, ?, NULL, racy FROM entry WHERE ${rowKey}`,
    )
    this.#blankHere = db.prepare(
      `UPDATE entry SET until = ?, meta_hash = ?, meta_size_bytes = ?, meta_blocklists = NULL WHERE ${rowKey}`,
    )
    this.#end = db.prepare(`UPDATE entry SET until = ? WHERE ${rowKey}`)
    this.#remove = db.prepare(`DELETE FROM entry WHERE ${rowKey}`)
    // As a file list has it: whole seconds, of files alone.
    this.#sameAfter = db.prepare(
      `SELECT b.until FROM entry a JOIN entry b ON a.folder_id = b.folder_id AND a.name = b.name
       WHERE a.folder_id = ? AND a.name = ? AND a.since = ? AND b.since = ? AND a.kind = b.kind
         AND a.size_bytes = b.size_bytes AND a.hash IS b.hash
         AND (a.kind <> 0 OR a.modified_us / 1000000 = b.modified_us / 1000000)
         AND a.meta_hash IS b.meta_hash`,
    )
  }

  apply([folder = 0, nameText = '', sinceId = 0, untilId = null, goes]: Row): void {
    const { versionId, nextId, blank } = this.#about
    const place = [column.number(folder), column.text(nameText)] as const
    const since = column.number(sinceId)
    const until = untilId === null ? null : column.number(untilId)
    const goesOn = nextId !== undefined && (until === null || until > nextId)
    if (goesOn) this.#goOn.run(nextId, ...place, since)
    const end = goesOn ? nextId : until
    if (goes === 1) {
      if (since === versionId) this.#remove.run(...place, since)
      else this.#end.run(versionId, ...place, since)
      return
    }
    if (since === versionId) this.#blankHere.run(end, blank.hash, blank.sizeBytes, ...place, since)
    else {
      this.#blankBeside.run(versionId, end, blank.hash, blank.sizeBytes, ...place, since)
      this.#end.run(versionId, ...place, since)
    }
    if (end === null) return
    // The version after it, changed before, holds the same: one row says so.
    const same = this.#sameAfter.get(...place, versionId, end)
    if (!same) return
    this.#remove.run(...place, end)
    this.#end.run(same[0] ?? null, ...place, versionId)
  }
}

function numbers(row: Row | undefined): number[] {
  return (row ?? []).map((value) => column.number(value))
}

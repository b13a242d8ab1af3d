// What one version holds, asked folder by folder: for whoever walks another tree beside it. Changes nothing; a folder
// that no version knows holds nothing.
import { afterPathsBelow, entryFacts, factColumns, type EntryFacts } from './entry-table.ts'
import { column, type Database, type Row, type Statement } from './statement.ts'

export interface VersionEntry extends EntryFacts {
  /** In its folder; folders with their trailing separator. */
  readonly name: string
}

export interface LostPath {
  /** Whole path, folders with their trailing separator. */
  readonly path: string
  readonly sizeBytes: number
}

export class VersionEntries {
  readonly #in: Statement
  readonly #one: Statement
  readonly #below: Statement
  readonly #countBelow: Statement
  readonly #count: Statement

  constructor(db: Database, versionId: number) {
    const id = Math.trunc(versionId)
    const held = `since <= ${id} AND (until IS NULL OR until > ${id})`
    const from = 'FROM folder JOIN entry ON entry.folder_id = folder.id'
    const below = `${from} WHERE path >= ?1 AND path < ?2 AND ${held}`
    this.#in = db.prepare(`SELECT name, ${factColumns} ${from} WHERE path = ? AND ${held}`)
    this.#one = db.prepare(`SELECT name, ${factColumns} ${from} WHERE path = ? AND name = ? AND ${held}`)
    this.#below = db.prepare(`SELECT path || name, size_bytes ${below} ORDER BY path, name`)
    this.#countBelow = db.prepare(`SELECT count(*) ${below}`)
    this.#count = db.prepare(`SELECT count(*) FROM entry WHERE ${held}`)
  }

  /** The entries directly in a folder, by its path with trailing separator. */
  in(folderPath: string): VersionEntry[] {
    return this.#in.all(folderPath).map(entryOf)
  }

  one(folderPath: string, name: string): VersionEntry | undefined {
    const row = this.#one.get(folderPath, name)
    return row && entryOf(row)
  }

  /** All that lies below a folder, itself left out. */
  *below(folderPath: string): Generator<LostPath> {
    for (const row of this.#below.each(folderPath, afterPathsBelow(folderPath))) {
      yield { path: column.text(row[0]), sizeBytes: column.number(row[1]) }
    }
  }

  countBelow(folderPath: string): number {
    return column.number(this.#countBelow.get(folderPath, afterPathsBelow(folderPath))?.[0])
  }

  count(): number {
    return column.number(this.#count.get()?.[0])
  }
}

function entryOf(row: Row): VersionEntry {
  return { name: column.text(row[0]), ...entryFacts(row, 1) }
}

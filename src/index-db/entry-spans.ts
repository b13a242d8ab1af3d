// Every state that an entry ever had, with the span of versions that hold it so: what did not change is one row,
// however many versions there are. For questions about all versions at once.
import { entryKind, type EntryKind } from './entry-table.ts'
import { column, type Database } from './statement.ts'

export interface EntrySpan {
  readonly folderId: number
  readonly name: string
  /** Whole path, folders with their trailing separator. */
  readonly path: string
  readonly kind: EntryKind
  /** The first version that holds it so. */
  readonly since: number
  /** The first that does not any more; undefined: the newest still does. */
  readonly until: number | undefined
  readonly content: NeededContent
  readonly metadata: NeededContent
}

/** What must be stored for a content to be whole. */
export interface NeededContent {
  /** Undefined: there is none. */
  readonly hash: Buffer | undefined
  readonly sizeBytes: number
  /** Hashes of its blocklists, one after the other; undefined for less than two blocks. */
  readonly blocklists: Buffer | undefined
}

/** Reads the whole table, in no order; it must not be changed meanwhile. */
export function* everySpan(db: Database): Generator<EntrySpan> {
  const statement = db.prepare(
    `SELECT folder_id, entry.name, folder.path || entry.name, since, until,
       hash, size_bytes, blocklists, meta_hash, meta_size_bytes, meta_blocklists, kind
     FROM entry JOIN folder ON folder.id = entry.folder_id`,
  )
  for (const row of statement.each()) {
    yield {
      folderId: column.number(row[0]),
      name: column.text(row[1]),
      path: column.text(row[2]),
      kind: entryKind(row[11]),
      since: column.number(row[3]),
      until: row[4] === null ? undefined : column.number(row[4]),
      content: {
        hash: column.bytesOrUndefined(row[5]),
        sizeBytes: column.number(row[6]),
        blocklists: column.bytesOrUndefined(row[7]),
      },
      metadata: {
        hash: column.bytesOrUndefined(row[8]),
        sizeBytes: column.number(row[9]),
        blocklists: column.bytesOrUndefined(row[10]),
      },
    }
  }
}

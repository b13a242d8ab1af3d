// In what two versions differ, entry by entry.
import { column, type Database } from './statement.ts'

export interface DifferentEntry {
  readonly kind: 'added' | 'modified' | 'deleted'
  /** Whole path, folders with their trailing separator. */
  readonly path: string
  /** In the later version; of what was deleted, in the earlier one. */
  readonly sizeBytes: number
}

/** From one version to another, by their ids. Reads the whole table; it must not be changed meanwhile. */
export function* differenceBetween(
  db: Database,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<DifferentEntry> {
  const inFrom = spans('a', from)
  const inTo = spans('b', to)
  yield* rows(
    db,
    'deleted',
    `SELECT ${path('a')}, a.size_bytes FROM entry a WHERE ${inFrom}
    AND NOT EXISTS (${partner('a', 'b', inTo)})`,
  )
  yield* rows(
    db,
    'added',
    `SELECT ${path('b')}, b.size_bytes FROM entry b WHERE ${inTo}
    AND NOT EXISTS (${partner('b', 'a', inFrom)})`,
  )
  yield* rows(
    db,
    'modified',
    `SELECT ${path('b')}, b.size_bytes FROM entry b
    JOIN entry a ON a.folder_id = b.folder_id AND a.name = b.name
    WHERE ${inTo} AND ${inFrom} AND a.since <> b.since
    AND (a.hash IS NOT b.hash OR a.meta_hash IS NOT b.meta_hash OR a.kind <> b.kind)`,
  )
}

function partner(one: string, other: string, inOther: string): string {
  return `SELECT 1 FROM entry ${other} WHERE ${other}.folder_id = ${one}.folder_id
    AND ${other}.name = ${one}.name AND ${inOther}`
}

function path(alias: string): string {
  return `(SELECT path FROM folder WHERE id = ${alias}.folder_id) || ${alias}.name`
}

function spans(alias: string, version: number): string {
  const id = Math.trunc(version)
  return `${alias}.since <= ${id} AND (${alias}.until IS NULL OR ${alias}.until > ${id})`
}

function* rows(db: Database, kind: DifferentEntry['kind'], sql: string): Generator<DifferentEntry> {
  for (const row of db.prepare(sql).each()) {
    yield { kind, path: column.text(row[0]), sizeBytes: column.number(row[1]) }
  }
}

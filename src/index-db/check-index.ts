// A close look at an index whose last holder did not close it in order: is the file sound, and do its tables agree with
// each other? What is found is a reason to build it again; nothing is repaired here.
import { column, type Database } from './statement.ts'

/** Each counts rows that cannot be there in a sound index. */
const invariants: readonly (readonly [what: string, sql: string])[] = [
  ['a block lies in a volume that it does not know', missing('block', 'volume_id', 'volume')],
  ['a dindex describes a volume that it does not know', missing('volume', 'describes', 'volume')],
  [
    'a volume that was sent has no size or hash',
    "SELECT 1 FROM volume WHERE state = 'uploading' AND (size_bytes IS NULL OR sha256 IS NULL)",
  ],
  [
    'a volume that is there has no size',
    "SELECT 1 FROM volume WHERE state IN ('uploaded', 'verified') AND size_bytes IS NULL",
  ],
  [
    'a version has no file list',
    `SELECT 1 FROM version WHERE state = 'complete'
       AND NOT EXISTS (SELECT 1 FROM volume WHERE id = version.dlist_id AND kind = 'dlist')`,
  ],
  [
    'more than one version is being made',
    "SELECT 1 FROM version WHERE state = 'building' GROUP BY state HAVING count(*) > 1",
  ],
  ['an entry lies in a folder that it does not know', missing('entry', 'folder_id', 'folder')],
  ['an entry begins in a version that it does not know', missing('entry', 'since', 'version')],
  ['an entry ends in a version that it does not know', missing('entry', 'until', 'version')],
  ['an entry ends before it begins', 'SELECT 1 FROM entry WHERE until <= since'],
  [
    'an entry is there twice',
    `SELECT 1 FROM entry WHERE until IS NULL GROUP BY folder_id, name HAVING count(*) > 1`,
  ],
]

/** What is wrong with it, in words; undefined if nothing is. Reads all of it. */
export function faultOf(database: Database): string | undefined {
  const found = column.text(database.prepare('PRAGMA quick_check(1)').get()?.[0])
  if (found !== 'ok') return found
  return invariants.find(([, sql]) => database.prepare(`${sql} LIMIT 1`).get() !== undefined)?.[0]
}

/** Rows of `table` whose `reference`, if it has one, is the id of no row of `other`. */
function missing(table: string, reference: string, other: string): string {
  return `SELECT 1 FROM ${table} WHERE ${reference} IS NOT NULL AND ${reference} NOT IN (SELECT id FROM ${other})`
}

// What an index says, row by row, in words that two indexes of one backup share: rows are told by names, times and
// hashes, never by their numbers, which follow from how an index came to be. An index that was built anew says the
// same as the one that lived through it all; what it cannot know, or need not say, is left out here, and why.
import { openIndex, type Index } from '../../src/index-db/open-index.ts'

const queries: Readonly<Record<string, string>> = {
  // How far the rounds of reading have come, one index alone knows.
  setting: "SELECT name, value FROM setting WHERE name = 'blocksize'",
  // Whether it was looked at again since it was confirmed, when and how often it was read, and with what result. What
  // was deleted is kept in mind until a listing shows that it is gone; a rebuild begins with one.
  volume: `SELECT a.name, a.kind, a.size_bytes, hex(a.sha256), b.name,
      CASE WHEN a.state IN ('uploaded', 'verified') THEN 'there' ELSE a.state || ' ' || a.not_before_ms END
    FROM volume a LEFT JOIN volume b ON b.id = a.describes WHERE a.state <> 'deleted'`,
  block: 'SELECT hex(hash), block.size_bytes, name FROM block JOIN volume ON id = volume_id',
  // A list that is in no volume any more is of no use, and stays in an index that once needed it.
  blocklist: 'SELECT hex(hash), hex(hashes) FROM blocklist WHERE hash IN (SELECT hash FROM block)',
  version: `SELECT time_ms, version.state, is_full, name FROM version LEFT JOIN volume ON volume.id = dlist_id`,
  gap: 'SELECT time_ms, path, code, what FROM gap JOIN version ON id = version_id',
  // Folders in which nothing lies in any version may stay. Times are in a file list those of files, in whole seconds.
  // Which files are to be read again, a new index judges by their times alone.
  entry: `SELECT path || name, a.time_ms, b.time_ms, kind, size_bytes,
      CASE kind WHEN 0 THEN modified_us / 1000000 - (modified_us % 1000000 < 0) END,
      hex(hash), hex(blocklists), hex(meta_hash), meta_size_bytes, hex(meta_blocklists)
    FROM entry JOIN folder ON folder.id = folder_id
    JOIN version a ON a.id = since LEFT JOIN version b ON b.id = until`,
}

/** All of it, as sentences. */
export function indexRows(path: string): Set<string> {
  const index = openIndex(path)
  try {
    return new Set(Object.entries(queries).flatMap(([about, query]) => rowsOf(index, about, query)))
  } finally {
    index.close()
  }
}

/** What the one says and the other does not, as sentences. */
export function rowDifferences(path: string, shouldPath: string): string[] {
  const [is, should] = [indexRows(path), indexRows(shouldPath)]
  return [
    ...[...is].filter((line) => !should.has(line)).map((line) => `the index says what is not so: ${line}`),
    ...[...should].filter((line) => !is.has(line)).map((line) => `the index does not say: ${line}`),
  ]
}

function rowsOf(index: Index, about: string, query: string): string[] {
  const rows = index.database.prepare(query).all()
  return rows.map((row) => `${about} ${row.map((value) => String(value)).join(' ')}`)
}

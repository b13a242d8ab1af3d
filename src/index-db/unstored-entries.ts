// Finds what the newest version needs and no volume holds, after volumes were lost or damaged: the next backup reads it
// again, and stores it again if the source still has it. Until then versions list what cannot come back.
import { hashesIn } from '../base/hash.ts'
import { column, type Database } from './statement.ts'

/** Marks such entries to be read again and returns how many they are. Reads the whole index. */
export function markUnstored(db: Database): number {
  const content = lost('hash', 'size_bytes', 'blocklists')
  const metadata = lost('meta_hash', 'meta_size_bytes', 'meta_blocklists')
  db.execute('CREATE TEMP TABLE IF NOT EXISTS unstored (folder_id INTEGER, name TEXT); DELETE FROM unstored')
  db.execute(
    `INSERT INTO unstored SELECT folder_id, name FROM entry WHERE until IS NULL AND (${content} OR ${metadata})`,
  )
  const add = db.prepare('INSERT INTO unstored VALUES (?, ?)')
  const long = db.prepare(
    `SELECT folder_id, name, blocklists, meta_blocklists FROM entry
     WHERE until IS NULL AND (blocklists IS NOT NULL OR meta_blocklists IS NOT NULL)`,
  )
  const isWhole = wholeLists(db)
  for (const [folderId = 0, name = '', ...lists] of long.each()) {
    if (!lists.every((list) => isWhole(column.bytes(list)))) add.run(folderId, name)
  }
  const update = db.prepare(
    'UPDATE entry SET racy = 1 WHERE until IS NULL AND (folder_id, name) IN (SELECT folder_id, name FROM unstored)',
  )
  return update.run()
}

/** In SQL: a content of one block that is in no volume. */
function lost(hash: string, size: string, lists: string): string {
  return `(${size} > 0 AND ${hash} IS NOT NULL AND ${lists} IS NULL
    AND NOT EXISTS (SELECT 1 FROM block WHERE block.hash = entry.${hash}))`
}

/** Tells of several lists, one hash after the other, whether all that they name is stored. */
function wholeLists(db: Database): (lists: Buffer) => boolean {
  const has = db.prepare('SELECT 1 FROM block WHERE hash = ? LIMIT 1')
  const listed = db.prepare('SELECT hashes FROM blocklist WHERE hash = ?')
  const isThere = (hash: Buffer): boolean => has.get(hash) !== undefined
  return (lists) =>
    hashesIn(lists).every((list) => {
      // What a list names that the index does not know could be anywhere.
      const hashes = column.bytesOrUndefined(listed.get(list)?.[0])
      return hashes !== undefined && isThere(list) && hashesIn(hashes).every(isThere)
    })
}

// Takes versions out of an index. Entries keep the spans of the versions that stay; where two spans of the same entry
// meet and say the same, they become one, so that the rows are those that a rebuild from the remaining file lists
// would make.
import type { SQLOutputValue } from 'node:sqlite'
import type { Database } from './statement.ts'

const portionRows = 1000

/** Reads the whole table of entries a few times, whatever the number of versions. */
export function dropVersions(db: Database, versionIds: readonly number[]): void {
  db.execute(`
    CREATE TEMP TABLE IF NOT EXISTS dropped (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY);
    DELETE FROM dropped;
    DELETE FROM kept;`)
  const drop = db.prepare('INSERT OR IGNORE INTO dropped (id) VALUES (?)')
  for (const id of versionIds) drop.run(id)
  db.execute(`
    INSERT INTO kept SELECT id FROM version WHERE id NOT IN (SELECT id FROM dropped);
    DELETE FROM entry WHERE since IN (SELECT id FROM dropped)
      AND NOT EXISTS (SELECT 1 FROM kept WHERE id >= since AND (until IS NULL OR id < until));
    UPDATE entry SET since = (SELECT min(id) FROM kept WHERE id >= since)
      WHERE since IN (SELECT id FROM dropped);
    UPDATE entry SET until = (SELECT min(id) FROM kept WHERE id >= until)
      WHERE until IN (SELECT id FROM dropped);
    DELETE FROM version WHERE id IN (SELECT id FROM dropped);
    DELETE FROM gap WHERE version_id IN (SELECT id FROM dropped);`)
  joinSpans(db)
  db.execute('DELETE FROM folder WHERE NOT EXISTS (SELECT 1 FROM entry WHERE folder_id = folder.id)')
}

/** A row that follows an equal one of the same entry becomes part of it. The last of a chain goes first. */
function joinSpans(db: Database): void {
  const facts = ['kind', 'size_bytes', 'hash', 'meta_hash']
  const same = facts.map((fact) => `a.${fact} IS b.${fact}`).join(' AND ')
  db.execute(`
    CREATE TEMP TABLE IF NOT EXISTS follower (id INTEGER PRIMARY KEY, folder_id INTEGER, name TEXT, since INTEGER);
    DELETE FROM follower;
    INSERT INTO follower (folder_id, name, since)
      SELECT b.folder_id, b.name, b.since FROM entry b
      JOIN entry a ON a.folder_id = b.folder_id AND a.name = b.name AND a.until = b.since
      WHERE b.since IN (SELECT (SELECT min(id) FROM kept WHERE kept.id > dropped.id) FROM dropped) AND ${same}
      ORDER BY b.since DESC`)
  const portion = db.prepare(
    `SELECT id, folder_id, name, since FROM follower WHERE id > ? ORDER BY id LIMIT ${portionRows}`,
  )
  const untilOf = db.prepare('SELECT until FROM entry WHERE folder_id = ? AND name = ? AND since = ?')
  const remove = db.prepare('DELETE FROM entry WHERE folder_id = ? AND name = ? AND since = ?')
  const extend = db.prepare('UPDATE entry SET until = ? WHERE folder_id = ? AND name = ? AND until = ?')
  for (let after: SQLOutputValue = 0; ;) {
    const rows = portion.all(after)
    for (const [id = 0, folderId = 0, name = '', since = 0] of rows) {
      const until = untilOf.get(folderId, name, since)?.[0] ?? null
      remove.run(folderId, name, since)
      extend.run(until, folderId, name, since)
      after = id
    }
    if (rows.length < portionRows) return
  }
}

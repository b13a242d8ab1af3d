import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dropVersions } from './drop-versions.ts'
import type { EntryFacts } from './entry-table.ts'
import { openIndex, type Index } from './open-index.ts'

/** A version as a test sees it: which content each name has in it. */
type Holdings = Readonly<Record<string, number>>

function factsOf(content: number): EntryFacts {
  const hash = Buffer.alloc(32, content)
  return {
    kind: 'file',
    sizeBytes: content,
    modifiedUs: 0,
    hash,
    blocklists: undefined,
    metaHash: hash,
    metaSizeBytes: 1,
    metaBlocklists: undefined,
    racy: false,
  }
}

/** Writes versions down as a run does: what is as it was costs no row. Ids are given by the times. */
function write(index: Index, versions: readonly { timeMs: number; holds: Holdings }[]): void {
  const folderId = index.entries.folderId('/')
  for (const { timeMs, holds } of versions) {
    const versionId = index.versions.begin(timeMs)
    for (const row of index.entries.live(folderId)) {
      const content = holds[row.name]
      if (content === undefined || row.sizeBytes !== content) index.entries.end(row, versionId)
    }
    for (const [name, content] of Object.entries(holds)) {
      if (!index.entries.liveOne(folderId, name))
        index.entries.add({ folderId, name, since: versionId }, factsOf(content))
    }
    index.versions.complete(versionId)
  }
}

/** Every row, its versions by their times. */
function rowsOf(index: Index): unknown[] {
  const time = (id: string): string => `(SELECT time_ms FROM version WHERE version.id = entry.${id})`
  return index.database
    .prepare(`SELECT name, size_bytes, ${time('since')}, ${time('until')} FROM entry ORDER BY name, since`)
    .all()
    .map((row) => [...row])
}

it('leaves the rows that the remaining versions alone would have made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-drop-'))
  let count = 0
  const fresh = (): Index => openIndex(join(folder, `${(count += 1)}.sqlite`), { scratch: true })
  const holdings = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 2 }))
  const versions = fc.array(fc.tuple(holdings, fc.boolean()), { minLength: 1, maxLength: 8 })
  try {
    fc.assert(
      fc.property(versions, (story) => {
        const all = story.map(([holds, stays], at) => ({ timeMs: (at + 1) * 1000, holds, stays }))
        const [dropped, rebuilt] = [fresh(), fresh()]
        write(dropped, all)
        const ids = dropped.versions.all().filter((_, at) => !all[at]?.stays)
        dropVersions(
          dropped.database,
          ids.map(({ id }) => id),
        )
        write(
          rebuilt,
          all.filter(({ stays }) => stays),
        )
        const [found, wanted] = [rowsOf(dropped), rowsOf(rebuilt)]
        dropped.close()
        rebuilt.close()
        expect(found).toEqual(wanted)
      }),
      { numRuns: 150 },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

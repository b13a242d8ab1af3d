import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EntryFacts } from './entry-table.ts'
import { openIndex, type Index } from './open-index.ts'
import { PurgedPaths } from './purged-paths.ts'

/** A version as a test sees it: which content each name has in it. */
type Holdings = Readonly<Record<string, number>>

function factsOf(content: number): EntryFacts {
  const hash = Buffer.alloc(32, content)
  const none = { blocklists: undefined, metaBlocklists: undefined, racy: false }
  return { kind: 'file', sizeBytes: content, modifiedUs: 0, hash, metaHash: hash, metaSizeBytes: 1, ...none }
}

/** Writes versions down as a run does: what is as it was costs no row. */
function write(index: Index, versions: readonly Holdings[]): void {
  const folderId = index.entries.folderId('/')
  for (const [at, holds] of versions.entries()) {
    const versionId = index.versions.begin((at + 1) * 1000)
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

function rowsOf(index: Index): unknown[] {
  const rows = index.database.prepare('SELECT name, size_bytes, since, until FROM entry ORDER BY name, since')
  return rows.all().map((row) => [...row])
}

it('leaves the rows that lists without what was purged would have made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-purge-'))
  let count = 0
  const fresh = (): Index => openIndex(join(folder, `${(count += 1)}.sqlite`), { scratch: true })
  const holdings = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 2 }))
  const story = fc.array(fc.tuple(holdings, fc.boolean()), { minLength: 1, maxLength: 8 })
  const goes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'))
  try {
    fc.assert(
      fc.property(story, goes, (versions, names) => {
        const [purged, wanted] = [fresh(), fresh()]
        const matches = (path: string): boolean => names.some((name) => path === `/${name}`)
        const left = ([holds, isChosen]: readonly [Holdings, boolean]): Holdings =>
          isChosen
            ? Object.fromEntries(Object.entries(holds).filter(([name]) => !matches(`/${name}`)))
            : holds
        write(
          purged,
          versions.map(([holds]) => holds),
        )
        const chosen = versions.flatMap(([, isChosen], at) => (isChosen ? [at + 1] : []))
        const paths = new PurgedPaths(purged.database, chosen, matches)
        for (const id of chosen.toReversed()) {
          const [holds = {}] = versions[id - 1] ?? []
          const stays = Object.keys(left([holds, true])).length
          expect(paths.of(id)).toMatchObject({ entries: Object.keys(holds).length - stays, left: stays })
          paths.takeFrom(id)
        }
        write(wanted, versions.map(left))
        const [found, should] = [rowsOf(purged), rowsOf(wanted)]
        purged.close()
        wanted.close()
        expect(found).toEqual(should)
      }),
      { numRuns: 60 },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

// An index that lived through it all says what one says that is built anew, row for row: edits, metadata that changes,
// runs that fail or are stopped, versions that go, space that is given back, files that are purged.
// `MODEL_SEED=… MODEL_RUNS=… vitest run tests/model/rebuilt-rows.test.ts` plays a story again.
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyPattern } from '../../src/engine/select/path-pattern.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import { purgeVersions } from '../../src/engine/space/purge-versions.ts'
import { isPullbackError } from '../../src/base/errors.ts'
import { indexRows, rowDifferences } from '../support/index-rows.ts'
import { rebuildSetOf } from '../support/rebuild-set-of.ts'
import { runContext, type TestBackup } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { paths, play, story, storyRuns } from './story-steps.ts'
import { StoryTeller } from './story-teller.ts'

/** Built over the old one it keeps what waits to go; built from nothing, only the rest can be the same. */
async function expectSameRows(backup: TestBackup): Promise<void> {
  const { indexPath } = backup
  const lived = indexRows(indexPath)
  const isWaiting = backup.withIndex((index) => index.volumes.all().some(({ state }) => state === 'deleting'))
  if (!isWaiting) {
    const anew = join(tempFolder(), 'anew.sqlite')
    expect(await rebuildSetOf(backup, { indexPath: anew })).toMatchObject({
      read: { dblock: 0 },
      warnings: [],
    })
    expect(rowDifferences(indexPath, anew)).toEqual([])
  }
  expect((await rebuildSetOf(backup)).warnings).toEqual([])
  expect(indexRows(indexPath)).toEqual(lived)
}

async function purge(backup: TestBackup, path: string): Promise<void> {
  const order = { matches: anyPattern([`/${path}`]), versions: [], dryRun: false }
  const set = backup.job([])
  await set.target.open({ create: false }, new AbortController().signal)
  try {
    await withOpenSet({ set, run: runContext({}) }, (open) => purgeVersions(open, order))
  } catch (error) {
    if (!isPullbackError(error) || error.kind !== 'usage') throw error
  } finally {
    await set.target.close()
  }
}

it('an index built anew has the rows of the one that lived', { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(story, fc.constantFrom(...paths), async (steps, purged) => {
      const teller = new StoryTeller()
      for (const next of steps) {
        await play(teller, next)
        if (next.kind === 'run' || next.kind === 'thin') await expectSameRows(teller.backup)
      }
      await teller.run()
      await expectSameRows(teller.backup)
      await purge(teller.backup, purged)
      await expectSameRows(teller.backup)
    }),
    storyRuns(8),
  )
})

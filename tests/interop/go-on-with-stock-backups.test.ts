// Going on with a backup that stock Duplicati began: new versions on top, old ones thinned, space given back. What
// stays of either restores to exactly what it was.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BackupReport } from '../../src/engine/backup/backup-job.ts'
import { retentionRules } from '../../src/engine/retention/retention-rules.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import { namesIn } from '../support/backup-story.ts'
import { expectStockTree, fixtureSets, fixturesFolder, fixturesMissing } from '../support/fixtures.ts'
import { TestBackup, testSpace } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const dayMs = 86_400_000

describe.skipIf(fixturesMissing())('a backup of stock Duplicati 2.0.8.1 that is gone on with', () => {
  it.each(fixtureSets)(
    '$set: versions on top, retention and compaction',
    async ({ set, expected, passphrase }) => {
      const folder = tempFolder()
      const backup = new TestBackup(folder, { passphrase })
      expect(spawnSync('cp', ['-a', join(fixturesFolder, set, 'backup'), backup.folder]).status).toBe(0)
      const sound = async (): Promise<unknown> =>
        expectSound(backup.folder, { written: 'stock', ...(passphrase === undefined ? {} : { passphrase }) })
      const tree = join(folder, 'tree')
      await backup.restore(tree)
      let day = 0
      const run = (keepVersions?: number): Promise<BackupReport> => {
        day += 1
        const nowMs = Date.now() + day * dayMs
        const rules = retentionRules({ keepVersions, keepTime: undefined, retentionPolicy: undefined })
        const retention = { rules, named: [], isConfirmed: true, timeZone: 'UTC', dryRun: false }
        // Everything that can be merged is.
        const eager = {
          ...testSpace.rules,
          thresholdPercent: 1,
          smallFileMaxCount: 1,
          smallFileSizeBytes: 1 << 20,
        }
        return backup.backUp([{ source: new LocalSource({ path: tree }), mountPath: '/source/tree' }], {
          clock: { nowMs: () => nowMs, monotonicMs: () => day * dayMs },
          changes: {
            blocksize: undefined,
            dblockSizeBytes: 1 << 20,
            space: {
              ...testSpace,
              rules: { ...eager, dblockSizeBytes: 1 << 20 },
              auto: true,
              deleteAfterMs: dayMs / 2,
            },
            retention: keepVersions === undefined ? undefined : retention,
          },
        })
      }
      for (const name of ['ours 1', 'ours 2']) {
        writeFileSync(join(tree, name), contentOf(name, 250_000))
        expect(await run()).toMatchObject({ version: { isFull: true }, gaps: [] })
      }
      await sound()
      const stock = async (number: number, at: number): Promise<void> => {
        const out = join(tempFolder(), 'out')
        expect((await backup.restore(out, { version: { number } })).failed).toEqual([])
        expectStockTree(out, set, expected.at(at) ?? 0)
      }
      for (const fromOldest of expected.keys()) await stock(expected.length + 1 - fromOldest, fromOldest)
      const before = namesIn(backup.folder)
      const thinned = await run(3)
      expect(thinned).toMatchObject({ warnings: [] })
      expect(thinned.retention?.deletedMs).toHaveLength(expected.length - 1)
      const later = await run(3)
      expect(later.space?.deleted.files).toBeGreaterThan(0)
      expect(namesIn(backup.folder).length).toBeLessThan(before.length)
      await sound()
      await stock(2, -1)
      await backup.restore(join(folder, 'out'))
      expectSameTree(tree, join(folder, 'out'))
    },
  )
})

// Backups that stock Duplicati wrote, restored from the storage alone: every version, exactly what was backed up.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { expectStockTree, fixtureSets, fixturesFolder, fixturesMissing } from '../support/fixtures.ts'
import { TestBackup } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe.skipIf(fixturesMissing())('backups of stock Duplicati 2.0.8.1', () => {
  for (const { set, expected, passphrase } of fixtureSets) {
    for (const [fromOldest, number] of expected.entries()) {
      it(`${set}: version ${number} comes back as it was`, async () => {
        const folder = tempFolder()
        const backup = new TestBackup(folder, { passphrase })
        const report = await backup.restore(join(folder, 'out'), {
          target: new LocalTarget({ folder: join(fixturesFolder, set, 'backup') }),
          version: { number: expected.length - 1 - fromOldest },
        })
        expect(report.failed).toEqual([])
        expect(report.warnings).toEqual([])
        expectStockTree(join(folder, 'out'), set, number)
      })
    }
  }
})

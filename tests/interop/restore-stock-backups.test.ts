// Backups that stock Duplicati wrote, restored from the storage alone: every version, exactly what was backed up.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { fixtureSets, fixturesFolder, fixturesMissing } from '../support/fixtures.ts'
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
        const found = describeTree(join(folder, 'out')).filter((entry) => entry.path !== '')
        expect(found.map(asExpected)).toEqual(expectedEntries(set, number))
      })
    }
  }
})

type Expected = Readonly<Record<string, unknown>>

function asExpected(entry: DescribedEntry): Expected {
  const path = Buffer.from(entry.path, 'latin1').toString('utf8')
  if (entry.type === 'link')
    return { path, type: 'symlink', target: Buffer.from(entry.linkTarget ?? '', 'latin1').toString('utf8') }
  const mtime = Number(entry.mtimeNs / 1_000_000_000n)
  const mode = entry.mode.toString(8).padStart(4, '0')
  if (entry.type === 'folder') return { path, type: 'folder', mode, mtime }
  return { path, type: 'file', mode, mtime, size: Number(entry.size), sha256: entry.sha256 }
}

function expectedEntries(set: string, number: number): Expected[] {
  const lines = readFileSync(join(fixturesFolder, set, `expected-${number}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const order = (entry: Expected): string => Buffer.from(String(entry['path'])).toString('latin1')
  return entries
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((entry) => {
      if (entry['type'] !== 'symlink') return entry
      return { path: entry['path'], type: 'symlink', target: entry['target'] }
    })
}

// A clock that is wrong: a day behind, a year ahead, far beyond 2038. The times of versions grow all the same, nothing
// is deleted on the word of such a clock, and every version comes back.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BackupReport } from '../../src/engine/backup/backup-job.ts'
import { retentionRules } from '../../src/engine/retention/retention-rules.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const dayMs = 86_400_000
const beginMs = Date.UTC(2026, 5, 1, 12)
const keepingOne = {
  rules: retentionRules({ retentionPolicy: undefined, keepTime: undefined, keepVersions: 1 }),
  named: [],
  isConfirmed: false,
  timeZone: 'UTC',
  dryRun: false,
}

/** A backup whose clock a test sets. */
class Clocked {
  readonly folder = tempFolder()
  readonly tree = join(this.folder, 'tree')
  readonly backup = new TestBackup(this.folder, { passphrase: undefined })
  readonly seen = new Map<number, readonly DescribedEntry[]>()

  async backUpAt(nowMs: number, retention?: typeof keepingOne): Promise<BackupReport & { timeMs: number }> {
    mkdirSync(this.tree, { recursive: true })
    writeFileSync(join(this.tree, 'file'), contentOf(`${this.seen.size}`, 2000 + this.seen.size))
    const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() }
    const report = await this.backup.backUp(this.tree, { clock, changes: { retention } })
    const timeMs = report.version?.timeMs ?? expect.fail('a changed file makes a version')
    this.seen.set(timeMs, describeTree(this.tree))
    return { ...report, timeMs }
  }

  async expectEveryVersion(): Promise<void> {
    expect((await this.backup.check()).versions).toHaveLength(this.seen.size)
    for (const [timeMs, entries] of this.seen) {
      const out = join(tempFolder(), 'out')
      expect(await this.backup.restore(out, { version: { atMs: timeMs } })).toMatchObject({
        failed: [],
        version: { timeMs },
      })
      expectSameTree(entries, out)
    }
  }
}

it.each([
  { name: 'a day behind', jumpMs: -dayMs },
  { name: 'decades behind', jumpMs: -beginMs },
  { name: 'a year ahead', jumpMs: 365 * dayMs },
  { name: 'after 2038', jumpMs: Date.UTC(2045, 0, 1) - beginMs },
])('a clock that is $name dates no version before the last, and deletes none', async ({ jumpMs }) => {
  const clocked = new Clocked()
  for (const hour of [0, 1]) await clocked.backUpAt(beginMs + hour * 3_600_000)
  const before = [...clocked.seen.keys()]
  const report = await clocked.backUpAt(beginMs + jumpMs, keepingOne)
  expect(report.timeMs).toBeGreaterThan(Math.max(...before))
  expect(report.retention?.deletedMs).toEqual([])
  expect(report.retention?.refused?.what).toContain('clock')
  if (jumpMs < 0) expect(report.warnings).toContainEqual(expect.stringContaining('clock of this machine'))
  await clocked.expectEveryVersion()
  // The clock is set right again.
  const after = await clocked.backUpAt(beginMs + 7_200_000)
  expect(after.timeMs).toBeGreaterThan(report.timeMs)
  await clocked.expectEveryVersion()
})

it('an hour that summer time repeats or leaves out is no jump: versions are dated in UTC', async () => {
  const clocked = new Clocked()
  for (const text of [
    '2026-10-25T00:30:00Z',
    '2026-10-25T01:30:00Z',
    '2027-03-28T00:59:59Z',
    '2027-03-28T01:00:00Z',
  ])
    expect(await clocked.backUpAt(Date.parse(text))).toMatchObject({ timeMs: Date.parse(text), warnings: [] })
  await clocked.expectEveryVersion()
})

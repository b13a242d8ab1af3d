import { expect, it } from 'vitest'
import type { PurgedReport } from '../../usecases/reports.ts'
import { purgeText } from './purge-text.ts'

const report: PurgedReport = {
  dryRun: false,
  versions: [{ timeMs: 0, newTimeMs: 1000, entries: 2, bytes: 2048, left: 5 }],
  pathCount: 30,
  paths: Array.from({ length: 25 }, (_, at) => `/p${at}`),
  waiting: 0,
  space: undefined,
  warnings: [],
}
const brief = { elapsedMs: 0, full: false }

it('a purge says what is gone, and from which versions', () => {
  const text = purgeText(report, brief)
  expect(text).toMatch(/^30 paths taken out of 1 version\.\n/)
  expect(text).toMatch(/2 entries, 2\.0 KiB; now dated \d{4}-/)
  expect(text).toContain('and 5 more; --full-result lists them')
})

it('a dry run names all it can, and how many it did not', () => {
  const text = purgeText({ ...report, dryRun: true }, brief)
  expect(text).toMatch(/^Dry run: nothing was changed\.\n/)
  expect(text).toContain('/p24')
  expect(text).toContain('and 5 more paths')
})

it('a purge says that what was purged is still at a destination that keeps it', () => {
  expect(purgeText({ ...report, waiting: 2 }, brief)).toContain('2 old file lists can go only when')
})

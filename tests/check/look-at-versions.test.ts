// What versions need and in what they differ, as the index answers it.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { affectedBy, listBrokenFiles } from '../../src/engine/check/broken-files.ts'
import { compareVersions } from '../../src/engine/compare/compare-versions.ts'
import { BackupStory, timeOf } from '../support/backup-story.ts'
import { withSetOf } from '../support/run-check.ts'
import { runContext, testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

describe('the index of a backup of three versions', () => {
  let story: BackupStory

  beforeAll(async () => {
    story = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
  })

  it('tells what two versions differ in', async () => {
    const job = { base: { number: 1 }, to: { number: 0 }, listed: 2 }
    const report = await withSetOf(story, (set) => compareVersions({ ...set, ...job }, runContext({})))
    expect(report.added).toMatchObject({ count: 5, entries: { length: 2 } })
    expect(report.deleted.entries).toEqual([{ path: '/home/ana/run 1/one block', sizeBytes: 700 }])
    expect(report.modified.count).toBeGreaterThan(0)
    expect(report.toMs).toBe(timeOf(story.versions[2]?.dlist ?? ''))
  })

  it('refuses a version that is not there', async () => {
    const job = { base: { number: 3 }, to: { number: 0 }, listed: 2 }
    const comparing = withSetOf(story, (set) => compareVersions({ ...set, ...job }, runContext({})))
    await expect(comparing).rejects.toMatchObject({ code: 'VersionMissing' })
  })

  it('tells what depends on a volume, and after it is lost the same of what is broken', async () => {
    const { dblock = '', dlist = '' } = story.versions[1] ?? {}
    const before = await withSetOf(story, (set) => listBrokenFiles({ ...set, listed: 5 }, runContext({})))
    expect(before.versions).toEqual([])
    const names = [dblock]
    const told = await withSetOf(story, (set) => affectedBy({ ...set, names, listed: 99 }, runContext({})))
    expect(told.versions.map(({ number }) => number)).toEqual([0, 1])
    expect(told.versions[1]?.files.map(({ path }) => path)).toContain('/home/ana/run 2/many blocks')
    const list = await withSetOf(story, (set) =>
      affectedBy({ ...set, names: [dlist], listed: 99 }, runContext({})),
    )
    expect(list.versions).toMatchObject([{ number: 1, listLost: true, count: 0 }])
    const harmed = story.copy()
    rmSync(harmed.path(dblock))
    const after = await withSetOf(harmed, (set) => listBrokenFiles({ ...set, listed: 99 }, runContext({})))
    expect(after.versions).toEqual(told.versions)
  })
})

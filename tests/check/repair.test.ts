// Repair: what the index or the destination still know is made whole again, and nothing is deleted there.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repairBackup, type RepairReport } from '../../src/engine/repair/repair-backup.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { BackupStory, timeOf } from '../support/backup-story.ts'
import { checked, flip, withSetOf } from '../support/run-check.ts'
import { runContext, testPassphrase } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function repaired(story: BackupStory, dryRun = false): Promise<RepairReport> {
  return withSetOf(story, (set) => repairBackup({ ...set, dryRun }, runContext({})))
}

const sets = [
  { name: 'an encrypted backup', passphrase: testPassphrase },
  { name: 'a plain backup', passphrase: undefined },
]

describe.each(sets)('repair of $name', ({ passphrase }) => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), passphrase)
  })

  it('does nothing where nothing is wrong', async () => {
    const story = told.copy()
    const names = story.names()
    const report = await repaired(story)
    expect(report).toMatchObject({ remade: [], forgotten: [], readAgain: 0, warnings: [] })
    expect(story.names()).toEqual(names)
  })

  it('writes a missing file list again under its name, and a dry run only says so', async () => {
    const story = told.copy()
    const dlist = story.versions[1]?.dlist ?? ''
    rmSync(story.path(dlist))
    const names = story.names()
    const remade = [{ kind: 'dlist', inPlaceOf: dlist }]
    expect(await repaired(story, true)).toMatchObject({ dryRun: true, remade, indexRebuilt: false })
    expect(story.names()).toEqual(names)
    expect(await repaired(story)).toMatchObject({ remade, indexRebuilt: false, broken: { entries: 0 } })
    await story.expectVersions()
    await story.backup.check()
    expect(await repaired(story)).toMatchObject({ remade: [] })
  })

  it('is not needed for a missing file list: the next backup writes it again, and says so', async () => {
    const story = told.copy()
    const dlist = story.versions[1]?.dlist ?? ''
    rmSync(story.path(dlist))
    const report = await story.backUp()
    expect(report).toMatchObject({ indexRebuilt: false, version: undefined })
    expect(report.warnings).toEqual([expect.stringContaining(`${dlist} was gone`) as string])
    await story.expectVersions()
    await story.backup.check()
  })

  it('ends after its file list has arrived, and the next run keeps that list', async () => {
    const story = told.copy()
    const dlist = story.versions[1]?.dlist ?? ''
    rmSync(story.path(dlist))
    const arrived: Fault = {
      verb: 'put',
      nameHolds: 'dlist',
      effect: 'error',
      at: 'after',
      code: 'Cancelled',
    }
    const cut = withSetOf(story, (set) => {
      const target = new FaultyTarget(set.target, [arrived])
      return repairBackup({ ...set, target, dryRun: false }, runContext({}))
    })
    await expect(cut).rejects.toMatchObject({ code: 'Cancelled' })
    for (const _ of [1, 2]) await story.backUp()
    expect(story.names()).toContain(dlist)
    await story.expectVersions()
  })

  it('writes a damaged file list again beside it, dated a second later', async () => {
    const story = told.copy()
    const { dlist = '', entries = [] } = story.versions[2] ?? {}
    flip(story.path(dlist), 0.5)
    await checked(story)
    const names = story.names()
    expect(await repaired(story)).toMatchObject({
      remade: [{ kind: 'dlist', inPlaceOf: dlist }],
      warnings: [],
    })
    expect(story.names()).toHaveLength(names.length + 1)
    expect(story.names()).toEqual(expect.arrayContaining(names))
    const out = join(tempFolder(), 'out')
    expect(await story.backup.restore(out)).toMatchObject({
      failed: [],
      version: { timeMs: timeOf(dlist) + 1000 },
    })
    expectSameTree(entries, out)
    const again = await repaired(story)
    expect(again).toMatchObject({ remade: [], indexRebuilt: false })
  })

  it('writes dindexes again that are missing or damaged', async () => {
    const story = told.copy()
    rmSync(story.path(story.versions[0]?.dindex ?? ''))
    flip(story.path(story.versions[1]?.dindex ?? ''), 0.5)
    await checked(story)
    const report = await repaired(story)
    expect(report.remade.map(({ inPlaceOf }) => inPlaceOf).toSorted()).toEqual(
      story.versions
        .slice(0, 2)
        .map(({ dblock }) => dblock)
        .toSorted(),
    )
    expect(story.names()).toContain(story.versions[1]?.dindex)
    await story.expectVersions()
  })

  it('forgets what was in a missing dblock, and the next backup heals it', async () => {
    const story = told.copy()
    const dblock = story.versions[0]?.dblock ?? ''
    rmSync(story.path(dblock))
    const report = await repaired(story)
    expect(report).toMatchObject({ forgotten: [dblock], indexRebuilt: false })
    expect(report.readAgain).toBeGreaterThan(0)
    expect((await story.backUp()).newBlocks).toBeGreaterThan(0)
    await story.expectVersions([2])
  })

  it('builds an index again that is gone', async () => {
    const story = told.copy()
    rmSync(story.backup.indexPath)
    expect(await repaired(story)).toMatchObject({ indexRebuilt: true, remade: [], broken: { entries: 0 } })
    await story.expectVersions()
  })
})

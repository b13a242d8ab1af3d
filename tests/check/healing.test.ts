// A dblock that is lost or damaged costs nothing for good while the files are still at their source: nothing counts on
// its blocks any more, and the next backup reads what needs them and stores it anew.
import { rmSync, truncateSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOfBackup } from '../../src/cli/exit-code.ts'
import { backupErrors } from '../../src/cli/reports/backup-text.ts'
import { BackupStory, timeOf } from '../support/backup-story.ts'
import { checked, everything, flip } from '../support/run-check.ts'
import { testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

const sets = [
  { name: 'an encrypted backup', passphrase: testPassphrase },
  { name: 'a plain backup', passphrase: undefined },
]

describe.each(sets)('in $name', ({ passphrase }) => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), passphrase)
  })

  const harms: readonly { what: string; harm: (story: BackupStory, path: string) => unknown }[] = [
    { what: 'missing', harm: (_story, path) => rmSync(path) },
    { what: 'cut short', harm: (_story, path) => truncateSync(path, 500) },
    {
      what: 'damaged in one bit, as a test found,',
      harm: async (story, path) => {
        flip(path, 0.5)
        await checked(story)
      },
    },
  ]

  it.each(harms)('a dblock that is $what is healed by the next backup', async ({ harm }) => {
    const story = told.copy()
    await harm(story, story.path(story.versions[0]?.dblock ?? ''))
    const report = await story.backUp()
    expect(report).toMatchObject({ version: undefined, entriesRemoved: 0, filesChanged: 0 })
    expect(report.newBlocks).toBeGreaterThan(0)
    await story.expectVersions([2])
    const { broken } = await checked(story)
    expect(broken.versionTimesMs).not.toContain(timeOf(story.versions[2]?.dlist ?? ''))
    expect(broken.examples).toContain('/home/ana/run 1/one block')
    const again = await story.backUp()
    expect(again).toMatchObject({ newBlocks: 0, filesRead: 0 })
  })

  it('a damaged dblock is not believed either when the index is built again beside it', async () => {
    const story = told.copy()
    flip(story.path(story.versions[0]?.dblock ?? ''), 0.5)
    await checked(story)
    rmSync(story.path(story.versions[1]?.dblock ?? ''))
    await story.backUp()
    await story.expectVersions([2])
  })
})

describe('the samples after a backup', () => {
  it('tell of a damaged volume as an error, while the version stands', async () => {
    const story = await BackupStory.tell(tempFolder(), testPassphrase)
    flip(story.path(story.versions[0]?.dblock ?? ''), 0.5)
    story.change(4)
    const report = await story.backUp({ changes: { samples: everything } })
    expect(report.version?.isFull).toBe(true)
    expect(report.samples?.faulty).toMatchObject([{ name: story.versions[0]?.dblock, status: 'damaged' }])
    expect(report.samples?.broken?.versionTimesMs).toContain(report.version?.timeMs)
    expect(outcomeOfBackup(report)).toBe('errors')
    expect(backupErrors(report)).toContain('/home/ana/run 1/many blocks')
    const healed = await story.backUp({ changes: { samples: { ...everything, samples: 1 } } })
    expect(healed.newBlocks).toBeGreaterThan(0)
    expect(outcomeOfBackup(healed)).toBe('success')
    expect(healed.samples).toMatchObject({ examined: { dlist: 1, dindex: 1, dblock: 1 }, faulty: [] })
  })
})

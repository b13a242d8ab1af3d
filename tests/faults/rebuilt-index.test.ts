// An index that is built again: beside the one that there is, swapped in when it is whole, gone on with when it was
// cut off. A dry run has one of its own.
import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Progress } from '../../src/engine/progress.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { tempFolder } from '../support/temp-folder.ts'

let told: BackupStory
/** Three dindexes and three dlists. */
const volumesOfAll = 6

beforeAll(async () => {
  told = await BackupStory.tell(tempFolder(afterAll), undefined)
})

/** The next backup; how many volumes it fetched to build the index again. */
async function volumesFetched(story: BackupStory): Promise<number> {
  const progress = new Progress()
  expect((await story.backUp({ progress })).indexRebuilt).toBe(true)
  expect(progress.volumesFound).toBe(progress.volumesDone)
  return progress.volumesDone
}

/** A backup whose rebuild ends at the second file list. */
async function cutOff(story: BackupStory): Promise<void> {
  const fault = { verb: 'get', nameHolds: story.versions[1]?.dlist ?? '', nth: 1 } as const
  const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), [
    { ...fault, effect: 'error', at: 'before', code: 'DestinationFailed' },
  ])
  await expect(story.backUp({ changes: { target } })).rejects.toMatchObject({ code: 'DestinationFailed' })
}

/** What lies beside the index, by the ends of the names. */
function besides({ backup: { indexPath } }: BackupStory): string[] {
  return namesIn(dirname(indexPath)).map((name) => name.replace('index.sqlite', ''))
}

it('a rebuild that was cut off is gone on with where it ended', async () => {
  const story = told.copy()
  rmSync(story.backup.indexPath)
  await cutOff(story)
  expect(besides(story)).toContain('.rebuilding')
  expect(await volumesFetched(story)).toBe(2)
  expect(besides(story)).not.toContain('.rebuilding')
  await story.expectVersions()
})

it('a rebuild that was cut off takes in what came, and forgets what went, before it was gone on with', async () => {
  const story = told.copy()
  rmSync(story.backup.indexPath)
  await cutOff(story)
  const [first, second] = story.versions
  // The first version had been taken in, the second had not.
  for (const name of [first?.dlist, second?.dindex]) rmSync(story.path(name ?? ''))
  expect(await volumesFetched(story)).toBe(2)
  await story.backup.check()
  await story.expectVersions([1, 2])
})

it.each(['cut short', 'of nothing that is there'])(
  'a rebuild begun in a file %s is begun anew',
  async (harm) => {
    const story = told.copy()
    const { indexPath } = story.backup
    rmSync(indexPath)
    await cutOff(story)
    if (harm === 'cut short') truncateSync(`${indexPath}.rebuilding`, 9000)
    else truncateSync(`${indexPath}.rebuilding`, 0)
    expect(await volumesFetched(story)).toBe(volumesOfAll)
    expect(besides(story)).not.toContain('.rebuilding.unusable')
    await story.expectVersions()
  },
)

it('the index of before is kept until the next run has ended well', async () => {
  const story = told.copy()
  const { indexPath } = story.backup
  const before = readFileSync(indexPath)
  // Somebody else deleted a version.
  for (const kind of ['dlist', 'dindex', 'dblock'] as const)
    rmSync(story.path(story.versions[0]?.[kind] ?? ''))
  rmSync(story.path(story.versions[1]?.dblock ?? ''))
  story.change(4)
  const stop = new AbortController()
  expect((await story.backUp()).indexRebuilt).toBe(true)
  expect(readFileSync(`${indexPath}.old`).length).toBe(before.length)
  stop.abort()
  await expect(story.backUp({ signal: stop.signal })).rejects.toMatchObject({ code: 'Cancelled' })
  expect(besides(story)).toContain('.old')
  expect((await story.backUp()).indexRebuilt).toBe(false)
  expect(besides(story)).not.toContain('.old')
})

it('a dry run builds an index of its own again, and leaves a broken one as it is', async () => {
  const story = told.copy()
  const { indexPath, tempFolder: temp } = story.backup
  truncateSync(indexPath, 20_000)
  const before = readFileSync(indexPath)
  const report = await story.backUp({ changes: { dryRun: true } })
  expect(report).toMatchObject({ indexRebuilt: true, filesRead: 0, version: undefined })
  expect(report.warnings).toEqual([expect.stringContaining('built again from the backup') as string])
  expect(readFileSync(indexPath).equals(before)).toBe(true)
  expect(besides(story)).toEqual(['', '.lock'])
  expect(namesIn(temp)).toEqual([])
  rmSync(dirname(indexPath), { recursive: true })
  expect(await story.backUp({ changes: { dryRun: true } })).toMatchObject({ indexRebuilt: true })
  expect(existsSync(dirname(indexPath))).toBe(false)
  expect((await story.backUp()).indexRebuilt).toBe(true)
})

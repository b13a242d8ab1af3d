// A passphrase that is wrong, missing or not wanted is noticed before anything is written, by every command.
import { copyFileSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listVersions } from '../../src/engine/browse/list-versions.ts'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { runContext, TestBackup, testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'

const cases = [
  { name: 'a wrong one', made: testPassphrase, given: 'another one', code: 'PassphraseWrong' },
  { name: 'one that differs in case', made: testPassphrase, given: 'Correct hörse', code: 'PassphraseWrong' },
  { name: 'none for an encrypted backup', made: testPassphrase, given: undefined, code: 'PassphraseMissing' },
  { name: 'one for a plain backup', made: undefined, given: 'unwanted', code: 'PassphraseUnwanted' },
]

const stories = new Map<string | undefined, BackupStory>()

beforeAll(async () => {
  for (const passphrase of [testPassphrase, undefined])
    stories.set(passphrase, await BackupStory.tell(tempFolder(afterAll), passphrase))
})

describe.each(cases)('$name', ({ made, given, code }) => {
  const refusal = { code, what: expect.stringMatching(/\S/), advice: expect.stringMatching(/\S/) }
  const harmed = (): { story: BackupStory; other: TestBackup } => {
    const story = (stories.get(made) ?? expect.fail('the story was told')).copy()
    return { story, other: new TestBackup(story.folder, { passphrase: given }) }
  }

  it.each(['with its index', 'without an index'])('is refused by a backup %s', async (withIndex) => {
    const { story, other } = harmed()
    if (withIndex === 'without an index') rmSync(join(story.folder, 'index'), { recursive: true })
    story.change(4)
    const before = describeTree(story.backup.folder)
    await expect(other.backUp([story.source()])).rejects.toMatchObject(refusal)
    expect(describeTree(story.backup.folder)).toEqual(before)
    expect(namesIn(story.backup.tempFolder)).toEqual([])
    const next = await story.backUp()
    expect(next).toMatchObject({ indexRebuilt: withIndex === 'without an index', gaps: [] })
    await story.backup.check()
    await story.expectVersions()
  })

  it('is refused by a restore, which makes no folder', async () => {
    const { story, other } = harmed()
    await expect(other.restore(join(story.folder, 'out'))).rejects.toMatchObject(refusal)
    expect(namesIn(story.folder)).not.toContain('out')
  })

  it('is refused by a list', async () => {
    const { story, other } = harmed()
    const { passphrase, tempFolder: temp } = other
    const target = new LocalTarget({ folder: story.backup.folder })
    const job = { target, prefix: 'duplicati', passphrase, tempFolder: temp }
    await expect(listVersions(job, runContext({}))).rejects.toMatchObject(refusal)
  })
})

describe('the right passphrase', () => {
  it('is not called wrong because the newest file list has a damaged head', async () => {
    const story = (stories.get(testPassphrase) ?? expect.fail('the story was told')).copy()
    const newest = story.versions[2]?.dlist ?? ''
    flip(story.path(newest), 0.0)
    for (const share of [0.02, 0.05, 0.1, 0.2]) flip(story.path(newest), share)
    await expect(story.backup.restore(join(story.folder, 'out'))).rejects.toMatchObject({
      code: 'VolumeDamaged',
      subject: newest,
      what: expect.stringContaining(newest),
    })
    await story.expectVersions([0, 1])
  })
})

describe('volumes of another form, put beside a backup by somebody without its passphrase', () => {
  it('a plain file list in an encrypted backup is refused by name; versions that are its own come back', async () => {
    const story = (stories.get(testPassphrase) ?? expect.fail('the story was told')).copy()
    const plain = (stories.get(undefined) ?? expect.fail('the story was told')).copy()
    const planted = 'duplicati-20990101T000000Z.dlist.zip'
    copyFileSync(plain.path(plain.versions[2]?.dlist ?? ''), story.path(planted))
    await expect(story.backup.restore(join(story.folder, 'out'))).rejects.toMatchObject({
      code: 'VolumeDamaged',
      subject: planted,
    })
    await story.expectVersions()
  })

  it('a plain dindex in an encrypted backup is not believed', async () => {
    const story = (stories.get(testPassphrase) ?? expect.fail('the story was told')).copy()
    const plain = (stories.get(undefined) ?? expect.fail('the story was told')).copy()
    copyFileSync(
      plain.path(plain.versions[2]?.dindex ?? ''),
      story.path(`duplicati-i${'0'.repeat(32)}.dindex.zip`),
    )
    await story.expectVersions()
    rmSync(join(story.folder, 'index'), { recursive: true })
    story.change(4)
    expect(await story.backUp()).toMatchObject({
      warnings: expect.arrayContaining([expect.stringMatching(/not encrypted/)]),
    })
    await story.expectVersions()
  })

  it.each(['dlist', 'dindex', 'dblock'] as const)(
    'an encrypted %s makes nobody write plain volumes into a backup that has encrypted ones',
    async (kind) => {
      const story = (stories.get(testPassphrase) ?? expect.fail('the story was told')).copy()
      const other = new TestBackup(story.folder, { passphrase: undefined })
      const plain = (stories.get(undefined) ?? expect.fail('the story was told')).copy()
      for (const name of namesIn(plain.backup.folder))
        if (!name.includes(`.${kind}.`)) copyFileSync(plain.path(name), story.path(name))
      const before = namesIn(story.backup.folder)
      await expect(other.backUp([story.source()])).rejects.toMatchObject({ code: 'PassphraseMissing' })
      expect(namesIn(story.backup.folder)).toEqual(before)
    },
  )

  it('a file list of the same time in a form that nobody reads stops no restore of a plain backup', async () => {
    const plain = (stories.get(undefined) ?? expect.fail('the story was told')).copy()
    const newest = plain.versions[2]?.dlist ?? ''
    copyFileSync(plain.path(newest), plain.path(newest.replace('.zip', '.zip.other')))
    await plain.expectVersions()
  })
})

function flip(path: string, atShare: number): void {
  const bytes = readFileSync(path)
  const at = Math.floor(bytes.length * atShare)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at)
  writeFileSync(path, bytes)
}

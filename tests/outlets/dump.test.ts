// One file out of a backup as a stream of bytes: equal to what was backed up, or said not to be.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory, namesIn, timeOf } from '../support/backup-story.ts'
import { blocksWithContent, forgeVolume } from '../support/forged-volumes.ts'
import { testPassphrase } from '../support/run-engine.ts'
import { dumped } from '../support/run-outlets.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'
import { telling } from '../support/watched-target.ts'

describe('a file that is dumped', () => {
  let story: BackupStory

  beforeAll(async () => {
    story = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
  })

  it('comes out byte for byte, whatever its size', async () => {
    for (const path of ['run 2/one block', 'run 2/many blocks', 'run 2/empty', 'changing']) {
      const { bytes, report } = await dumped(`/home/ana/${path}`, story)
      expect(bytes.equals(readFileSync(join(story.tree, path)))).toBe(true)
      expect(report).toMatchObject({ path: `/home/ana/${path}`, bytes: bytes.length, warnings: [] })
    }
    expect(namesIn(story.backup.tempFolder)).toEqual([])
  })

  it('may be named by a pattern that it alone matches', async () => {
    const { bytes } = await dumped('changing', story)
    expect(bytes.equals(readFileSync(join(story.tree, 'changing')))).toBe(true)
  })

  it('comes from the version that was chosen', async () => {
    const version = { atMs: timeOf(story.versions[0]?.dlist ?? '') }
    const { bytes } = await dumped('/home/ana/changing', { backup: story.backup, version })
    expect(bytes.equals(contentOf('changing 1', 3001))).toBe(true)
  })

  it('is one file: folders, links, several and none are refused before a byte is out', async () => {
    const cases = [
      ['/home/ana/run 1', 'BadArguments', 'is a folder'],
      ['run 1', 'BadArguments', 'is a folder'],
      ['/home/ana/run 1/', 'BadArguments', 'is a folder'],
      ['/home/ana/run 1/link', 'BadArguments', 'is a link'],
      ['*/many blocks', 'BadArguments', 'matches 3 entries'],
      ['nothing like that', 'NothingMatches', 'nothing'],
    ] as const
    for (const [path, code, what] of cases) {
      const { bytes, error } = await dumped(path, story)
      expect(error).toMatchObject({ code, what: expect.stringContaining(what) as string })
      expect(bytes.length).toBe(0)
    }
  })

  it('that lacks a block is refused before a byte is out', async () => {
    const harmed = story.copy()
    const first = harmed.versions[0]
    rmSync(harmed.path(first?.dblock ?? ''))
    rmSync(harmed.path(first?.dindex ?? ''))
    const { bytes, error } = await dumped('/home/ana/run 1/many blocks', harmed)
    expect(error).toMatchObject({ kind: 'integrity', meaning: 'Nothing was written.' })
    expect(bytes.length).toBe(0)
  })

  it('of which a block is damaged ends there, and says that what is out is not the file', async () => {
    const harmed = story.copy()
    const dblock = harmed.versions[1]?.dblock ?? ''
    const path = harmed.path(dblock)
    const content = contentOf('many 2', 40 * 1024 + 5)
    const wrong = content.subarray(20 * 1024, 21 * 1024)
    const entries = blocksWithContent(path, dblock, testPassphrase).map(
      ([name, bytes]) => [name, bytes.equals(wrong) ? contentOf('wrong', 1024) : bytes] as const,
    )
    forgeVolume({ path, passphrase: testPassphrase, entries })
    const { bytes, error } = await dumped('/home/ana/run 2/many blocks', harmed)
    expect(error).toMatchObject({
      kind: 'integrity',
      what: expect.stringContaining('20480 bytes were already written') as string,
      meaning: expect.stringContaining('throw it away') as string,
    })
    expect(bytes.equals(content.subarray(0, 20 * 1024))).toBe(true)
  })

  it('costs each volume that it needs one fetch', async () => {
    const fetched: string[] = []
    const target = telling(new LocalTarget({ folder: story.backup.folder }), (name) => fetched.push(name))
    await dumped('/home/ana/run 1/many blocks', { backup: story.backup, target })
    const [first] = story.versions
    expect(fetched.filter((name) => name.includes('.dblock.'))).toEqual([first?.dblock])
  })
})

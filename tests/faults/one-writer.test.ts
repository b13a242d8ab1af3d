// One run at a time on one index, told with the name of who is at it; and two machines on one destination, each with
// an index of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { TestBackup, testPassphrase } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

it('a second process is refused and told who has the index, and comes in when that one dies', async () => {
  const story = await BackupStory.tell(tempFolder(), testPassphrase)
  const { indexPath } = story.backup
  const program = `
    const { openIndex } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/index-db/open-index.ts'))})
    openIndex(${JSON.stringify(indexPath)})
    process.stdout.write('open')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  story.change(4)
  const before = namesIn(story.backup.folder)
  await expect(story.backUp()).rejects.toMatchObject({
    code: 'IndexInUse',
    what: expect.stringContaining(`process ${child.pid} on ${hostname()}, since 20`) as string,
  })
  expect(namesIn(story.backup.folder)).toEqual(before)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect(await story.backUp()).toMatchObject({ indexRebuilt: false, version: { isFull: true } })
  await story.backup.check()
  await story.expectVersions()
})

it('an index copied to a second machine takes in what the other stored, and nothing is deleted', async () => {
  const story = await BackupStory.tell(tempFolder(), testPassphrase)
  const other = new TestBackup(story.folder)
  const otherIndex = join(story.folder, 'index of the other', 'index.sqlite')
  cpSync(join(story.folder, 'index'), join(story.folder, 'index of the other'), { recursive: true })
  const all = new Set<string>()
  for (const [run, changes] of [{}, { indexPath: otherIndex }, {}, { indexPath: otherIndex }].entries()) {
    story.change(4 + run)
    const report = await other.backUp([story.source()], { changes })
    expect(report).toMatchObject({ indexRebuilt: run > 0, gaps: [] })
    for (const name of story.names()) all.add(name)
    expect(story.names()).toEqual([...all].sort())
  }
  await story.backup.check()
  await story.expectVersions()
  const out = join(tempFolder(), 'out')
  await story.backup.restore(out)
  expectSameTree(story.tree, out)
})

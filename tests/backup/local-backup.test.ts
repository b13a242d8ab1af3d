// Whole backups of local folders: what is stored is sound, what comes back is what was there, and a second run does no
// more than it must.
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { describeTree } from '../support/describe-tree.ts'
import { localSource, TestBackup, testPassphrase } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf, manyFiles } from '../support/trees.ts'

describe('a backup of a local folder', () => {
  it.for([
    { name: 'encrypted', passphrase: testPassphrase },
    { name: 'not encrypted', passphrase: undefined },
  ])('$name: every awkward kind of entry comes back', async ({ passphrase }) => {
    const folder = tempFolder()
    awkwardTree(join(folder, 'tree'))
    const backup = new TestBackup(folder, { passphrase })
    const report = await backup.backUp(join(folder, 'tree'))
    const checked = await backup.check()
    expect(checked.versions).toHaveLength(1)
    expect(report.gaps.map((gap) => gap.path)).toEqual([])
    expect(report.specials.length).toBeGreaterThan(0)
    const restored = await backup.restore(join(folder, 'out'))
    expect(restored.failed).toEqual([])
    expectSameTree(join(folder, 'tree'), join(folder, 'out'))
  })

  it('keeps 5,000 files of one folder', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    for (let at = 0; at < 5000; at += 1) writeFileSync(join(tree, `f${at}`), String(at))
    const backup = new TestBackup(folder)
    const report = await backup.backUp(tree)
    expect(report.entries).toEqual({ files: 5000, folders: 1, links: 0 })
    await backup.check()
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('is unchanged the second time: nothing is read, nothing is sent, no version is made', async () => {
    const { backup, tree } = await settledBackup()
    const again = await backup.backUp(tree)
    expect(again).toMatchObject({ version: undefined, filesRead: 0, uploadedFiles: 0, newBlocks: 0 })
    expect((await backup.check()).versions).toHaveLength(1)
  })

  it('reads only what changed, and restores both versions', async () => {
    const { folder, backup, tree } = await settledBackup()
    const before = describeTree(tree)
    appendFileSync(join(tree, 'd0000', 'file-000001.txt'), 'more')
    renameSync(join(tree, 'd0001'), join(tree, 'renamed'))
    rmSync(join(tree, 'd0002', 'file-000200.txt'))
    const report = await backup.backUp(tree)
    // The renamed folder's files are new to the backup, their blocks are not.
    expect(report).toMatchObject({ filesRead: 101, filesAdded: 100, filesChanged: 1 })
    expect(report.uploadedFiles).toBe(3)
    expect((await backup.check()).versions).toHaveLength(2)
    await backup.restore(join(folder, 'new'))
    expectSameTree(tree, join(folder, 'new'))
    await backup.restore(join(folder, 'old'), { version: { number: 1 } })
    expectSameTree(before, join(folder, 'old'))
  })

  it('takes a file that changed without its time or length, if it was read within two seconds of that', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    writeFileSync(join(tree, 'racy'), 'one')
    const now = new Date()
    utimesSync(join(tree, 'racy'), now, now)
    const backup = new TestBackup(folder)
    await backup.backUp(tree)
    writeFileSync(join(tree, 'racy'), 'two')
    utimesSync(join(tree, 'racy'), now, now)
    await backup.backUp(tree)
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('holds several sources, and ends those that are no longer among them', async () => {
    const folder = tempFolder()
    for (const name of ['one', 'two']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'file'), name)
    }
    const backup = new TestBackup(folder)
    await backup.backUp([localSource(join(folder, 'one')), localSource(join(folder, 'two'))])
    await backup.backUp([localSource(join(folder, 'two'))])
    await backup.check()
    const both = await backup.restore(join(folder, 'both'), { version: { number: 1 } })
    expect(both.files).toBe(2)
    const last = await backup.restore(join(folder, 'last'))
    expect(last.files).toBe(1)
    expectSameTree(join(folder, 'two'), join(folder, 'last'))
  })

  it('of a single file is that file', async () => {
    const folder = tempFolder()
    const file = join(folder, 'letter.txt')
    writeFileSync(file, contentOf('letter', 5000))
    const backup = new TestBackup(folder)
    await backup.backUp(file)
    const report = await backup.restore(join(folder, 'out'))
    expect(report).toMatchObject({ files: 1, failed: [] })
    expect(describeTree(join(folder, 'out', 'letter.txt'))[0]?.sha256).toBe(describeTree(file)[0]?.sha256)
  })

  it('changes nothing when it is a dry run', async () => {
    const { backup, tree, folder } = await settledBackup()
    appendFileSync(join(tree, 'd0000', 'file-000001.txt'), 'more')
    const before = describeTree(join(folder, 'backup'))
    const report = await backup.backUp(tree, { changes: { dryRun: true } })
    expect(report).toMatchObject({ version: undefined, filesRead: 1, uploadedFiles: 0 })
    expect(describeTree(join(folder, 'backup'))).toEqual(before)
    expect(await backup.backUp(tree)).toMatchObject({ filesRead: 1 })
  })

  it('goes on when the index is lost: it is built again and nothing is sent twice', async () => {
    const { backup, tree, folder } = await settledBackup()
    rmSync(join(folder, 'index'), { recursive: true })
    appendFileSync(join(tree, 'd0000', 'file-000001.txt'), 'more')
    const report = await backup.backUp(tree)
    expect(report).toMatchObject({ indexRebuilt: true, filesRead: 1, filesAdded: 0, filesChanged: 1 })
    expect((await backup.check()).versions).toHaveLength(2)
  })
})

describe('a dblock whose dindex did not arrive', () => {
  it.for(['before', 'after'] as const)('has one after the next run (%s the put)', async (at) => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    manyFiles(tree, 500)
    writeFileSync(join(tree, 'blocks'), contentOf('blocks', 100_000))
    const backup = new TestBackup(folder)
    const inner = new LocalTarget({ folder: backup.folder })
    const fault = {
      verb: 'put',
      nameHolds: '.dindex.',
      effect: 'error',
      at,
      code: 'DestinationFailed',
    } as const
    const target = new FaultyTarget(inner, [{ ...fault, nth: 1 }])
    await expect(backup.backUp(tree, { changes: { target } })).rejects.toMatchObject({
      code: 'DestinationFailed',
    })
    await backup.backUp(tree)
    await backup.check()
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })
})

/** A tree whose files are old enough not to be racy, and one backup of it. */
async function settledBackup(): Promise<{ folder: string; tree: string; backup: TestBackup }> {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  manyFiles(tree, 500)
  for (const entry of describeTree(tree))
    if (entry.type === 'file') utimesSync(join(tree, entry.path), 1e9, 1e9)
  const backup = new TestBackup(folder)
  await backup.backUp(tree)
  return { folder, tree, backup }
}

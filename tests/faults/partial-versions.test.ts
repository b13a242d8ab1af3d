// What a run that did not come to its end may leave in a version, and what the next one makes of it: nothing counts as
// deleted before its source was seen to the end, and no version needs a block that is not stored.
import { rmSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BackupReport, BackupSource } from '../../src/engine/backup/backup-job.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { namesIn } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { TestBackup } from '../support/run-engine.ts'
import { stopAfter } from '../support/stop-after.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const never = new AbortController().signal
const full = { verb: 'put', effect: 'error', code: 'DestinationFull', at: 'before' } as const

function sourceOf(tree: MemoryTree, mountPath = '/machine'): BackupSource {
  return { source: new MemorySource(tree), mountPath }
}

function failing(backup: TestBackup, fault: Fault): FaultyTarget {
  return new FaultyTarget(new LocalTarget({ folder: backup.folder }), [fault])
}

async function filesIn(backup: TestBackup, number = 0): Promise<string[]> {
  const out = join(tempFolder(), 'out')
  const { failed } = await backup.restore(out, { version: { number }, keepWholePaths: true })
  expect(failed).toEqual([])
  return describeTree(out)
    .filter(({ type }) => type === 'file')
    .map(({ path }) => path)
}

/** Twenty files in a folder. */
function twentyFiles(): { tree: MemoryTree; backup: TestBackup } {
  const tree = new MemoryTree()
  for (let at = 0; at < 20; at += 1) tree.writeFile(`a/file ${at}`, contentOf(`${at}`, 300))
  return { tree, backup: new TestBackup(tempFolder()) }
}

/** Empties that folder; another one has new files, which fill some volumes, to keep a run busy after that. */
function emptyIt(tree: MemoryTree): void {
  for (let at = 0; at < 20; at += 1) tree.remove(`a/file ${at}`)
  for (let at = 0; at < 3; at += 1) tree.writeFile(`b/new ${at}`, contentOf(`new ${at}`, 1_200_000))
}

describe('a source that was emptied', () => {
  it('loses nothing in the partial version of a run that was stopped, and is refused by the next', async () => {
    const { tree, backup } = twentyFiles()
    await backup.backUp([sourceOf(tree)])
    emptyIt(tree)
    const stopped = await backup.backUp([sourceOf(tree)], { ...stopAfter(4), giveUp: never })
    expect(stopped.version?.isFull).toBe(false)
    await backup.check({ cutOff: true })
    expect(await filesIn(backup)).toEqual(expect.arrayContaining(['machine/a/file 7']))
    await expect(backup.backUp([sourceOf(tree)])).rejects.toMatchObject({ code: 'SourceShrunk' })
  })

  it('loses nothing by a run that failed before its end, nor by the next', async () => {
    const { tree, backup } = twentyFiles()
    await backup.backUp([sourceOf(tree)])
    emptyIt(tree)
    tree.plan('b', 'disconnecting')
    await expect(backup.backUp([sourceOf(tree)])).rejects.toMatchObject({ code: 'ConnectionLost' })
    tree.plan('b', undefined)
    await expect(backup.backUp([sourceOf(tree)])).rejects.toMatchObject({ code: 'SourceShrunk' })
    expect(await filesIn(backup)).toEqual(expect.arrayContaining(['machine/a/file 7']))
    await backup.check({ cutOff: true })
  })

  it('loses nothing when it is lost itself before its end, of two', async () => {
    const { tree, backup } = twentyFiles()
    const other = new MemoryTree()
    other.writeFile('x', 'x')
    const both = (): BackupSource[] => [sourceOf(tree), sourceOf(other, '/other')]
    await backup.backUp(both())
    emptyIt(tree)
    tree.plan('b', 'disconnecting')
    const report = await backup.backUp(both())
    expect(report).toMatchObject({ entriesRemoved: 0, lostSources: [{ error: { code: 'ConnectionLost' } }] })
    expect(await filesIn(backup)).toEqual(expect.arrayContaining(['machine/a/file 7']))
    tree.plan('b', undefined)
    expect(await backup.backUp(both())).toMatchObject({ lostSources: [{ error: { code: 'SourceShrunk' } }] })
  })
})

describe('a path that is another kind of entry now', () => {
  it.each([
    { from: 'file', to: 'folder' },
    { from: 'folder', to: 'file' },
  ])('is not both in a partial version: $from, then $to', async ({ from }) => {
    const tree = new MemoryTree()
    const make = (isFile: boolean): void => {
      if (tree.find('0')) tree.remove('0')
      if (isFile) tree.writeFile('0', contentOf('0', 300))
      else tree.writeFile('0/in it', contentOf('in it', 300))
    }
    make(from === 'file')
    for (let at = 1; at < 40; at += 1) tree.writeFile(`${at}`, contentOf(`${at}`, 60_000))
    const backup = new TestBackup(tempFolder())
    const changes = { allowRemoval: true }
    await backup.backUp([sourceOf(tree)], { changes })
    make(from !== 'file')
    for (let at = 1; at < 40; at += 1) tree.writeFile(`${at}`, contentOf(`new ${at}`, 60_001))
    const stopped = await backup.backUp([sourceOf(tree)], { ...stopAfter(20), giveUp: never, changes })
    expect(stopped.version?.isFull).toBe(false)
    await backup.check({ cutOff: true })
    await filesIn(backup)
    await backup.backUp([sourceOf(tree)], { changes })
    await backup.check({ cutOff: true })
  })

  it.each(['file', 'folder'])('is not both when it is the root of a source: %s at first', async (from) => {
    const backup = new TestBackup(tempFolder())
    const tree = new MemoryTree()
    tree.writeFile('file', 'x')
    tree.writeFile('folder/in it', 'y')
    const root = (path: string): BackupSource[] => [
      { source: new MemorySource(tree, { rootPath: path }), mountPath: '/root' },
    ]
    const to = from === 'file' ? 'folder' : 'file'
    const changes = { allowRemoval: true }
    await backup.backUp(root(from), { changes })
    if (from === 'folder') {
      await expect(backup.backUp(root(to))).rejects.toMatchObject({ code: 'SourceShrunk' })
    }
    await backup.backUp(root(to), { changes })
    expect(await filesIn(backup)).toEqual([to === 'file' ? 'root' : 'root/in it'])
  })

  it('under another path that is empty makes no version without all that was there', async () => {
    const backup = new TestBackup(tempFolder())
    const filled = new MemoryTree()
    filled.writeFile('file', 'x')
    const under = (tree: MemoryTree, mountPath: string): BackupSource[] => [
      { source: new MemorySource(tree), mountPath },
    ]
    await backup.backUp(under(filled, '/mnt/old'))
    const empty = (): BackupSource[] => under(new MemoryTree(), '/mnt/new')
    await expect(backup.backUp(empty())).rejects.toMatchObject({ code: 'SourceShrunk' })
    expect(await filesIn(backup)).toEqual(['mnt/old/file'])
    await backup.backUp(empty(), { changes: { allowRemoval: true } })
    expect(await filesIn(backup)).toEqual([])
    await backup.backUp(under(filled, '/mnt/third'))
  })
})

describe('a block that is no longer at the destination', () => {
  it.each(['kept', 'lost'] as const)(
    'is stored again with the next version, as long as the source has it; the index is %s',
    async (index) => {
      const tree = new MemoryTree()
      tree.makeFolder('folder', { mode: 0o700 })
      tree.makeLink('link', 'anywhere')
      for (let at = 0; at < 20; at += 1) tree.writeFile(`folder/${at}`, contentOf(`${at}`, 3000 * at))
      const backup = new TestBackup(tempFolder())
      const backUp = (): Promise<BackupReport> => backup.backUp([sourceOf(tree)])
      await backUp()
      for (const name of namesIn(backup.folder)) {
        if (name.includes('.dblock.')) unlinkSync(join(backup.folder, name))
      }
      if (index === 'lost') rmSync(backup.indexPath)
      tree.writeFile('new', 'new')
      const report = await backUp()
      expect(report.version?.isFull).toBe(true)
      expect(report.filesRead).toBe(21)
      expect(await filesIn(backup)).toHaveLength(21)
    },
  )
})

it('a block that was lost is stored again though the first run that tries is cut off', async () => {
  const tree = new MemoryTree()
  for (let at = 0; at < 30; at += 1) tree.writeFile(`${at}`, contentOf(`${at}`, 120_000))
  const backup = new TestBackup(tempFolder())
  await backup.backUp([sourceOf(tree)])
  for (const name of namesIn(backup.folder)) {
    if (name.includes('.dblock.')) unlinkSync(join(backup.folder, name))
  }
  for (const nth of [1, 2]) {
    const target = failing(backup, { ...full, nameHolds: '.dblock.', nth })
    await expect(backup.backUp([sourceOf(tree)], { changes: { target } })).rejects.toThrow()
  }
  expect(await backup.backUp([sourceOf(tree)])).toMatchObject({ version: undefined, gaps: [] })
  expect(await filesIn(backup)).toHaveLength(30)
  expect(await backup.backUp([sourceOf(tree)])).toMatchObject({ filesRead: 0 })
})

it('the root of a machine is a source like any other', async () => {
  const tree = new MemoryTree()
  for (let at = 0; at < 12; at += 1) tree.writeFile(`home/${at}`, contentOf(`${at}`, 3000))
  tree.writeFile('file', 'x')
  const backup = new TestBackup(tempFolder())
  const backUp = (changes = {}): Promise<BackupReport> => backup.backUp([sourceOf(tree, '/')], { changes })
  expect(await backUp()).toMatchObject({ entriesRemoved: 0, filesAdded: 13 })
  expect(await backUp()).toMatchObject({ version: undefined, filesRead: 0 })
  tree.writeFile('new', 'x')
  expect(await backUp()).toMatchObject({ entriesRemoved: 0, filesAdded: 1, filesRead: 1 })
  await backup.check()
  expect(await filesIn(backup)).toHaveLength(14)
  for (let at = 0; at < 12; at += 1) tree.remove(`home/${at}`)
  await expect(backUp()).rejects.toMatchObject({ code: 'SourceShrunk' })
  expect(await backUp({ allowRemoval: true })).toMatchObject({ entriesRemoved: 12 })
  await backup.check()
})

describe('a partial version', () => {
  it('holds the folders of what it holds', async () => {
    const tree = new MemoryTree()
    for (let at = 0; at < 100; at += 1) {
      tree.writeFile(`${at}/file`, contentOf(`${at}`, 40_000))
      tree.makeFolder(`${at}`, { uid: at })
    }
    for (const nth of [1, 2, 3]) {
      const backup = new TestBackup(tempFolder())
      const target = failing(backup, { ...full, nameHolds: '.dblock.', nth })
      await expect(backup.backUp([sourceOf(tree)], { changes: { target } })).rejects.toThrow()
      const next = await backup.backUp([sourceOf(tree)])
      await backup.check({ cutOff: true })
      if (next.finishedMs === undefined) continue
      const paths = backup.withIndex((index) => {
        const [first] = index.versions.all()
        return [...index.entries.ofVersion(first?.id ?? 0)].map(({ path }) => path)
      })
      const folders = new Set(paths.filter((path) => path.endsWith('/')))
      const orphans = paths.filter((path) => {
        const parent = path.slice(0, path.lastIndexOf('/', path.length - 2) + 1)
        return parent !== '/' && !folders.has(parent)
      })
      expect(orphans).toEqual([])
    }
  })
})

describe('reading unchanged files again', () => {
  it('goes on from run to run also when a source is lost each time', async () => {
    const trees = [new MemoryTree(), new MemoryTree()]
    for (let at = 0; at < 400; at += 1) trees[0]?.writeFile(`${at}`, `${at}`)
    trees[1]?.writeFile('x', 'x')
    const backup = new TestBackup(tempFolder())
    const startMs = Date.parse('2026-03-01T12:00:00Z')
    const backUp = (day: number): Promise<BackupReport> =>
      backup.backUp(
        trees.map((tree, at) => sourceOf(tree, `/machine ${at}`)),
        {
          clock: { nowMs: () => startMs + day * 86_400_000, monotonicMs: () => 0 },
          changes: { rereadDays: 30 },
        },
      )
    await backUp(0)
    trees[1]?.plan('', 'disconnecting')
    let read = 0
    for (let day = 1; day <= 31; day += 1) {
      const { filesRead } = await backUp(day)
      read += filesRead
    }
    expect(read).toBeGreaterThanOrEqual(400)
    expect(read).toBeLessThan(450)
  })
})

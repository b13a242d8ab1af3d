// What goes wrong at a source: an entry that cannot be stored is told and costs only itself; a source that is not there
// costs no version and deletes nothing; a folder that fails for now keeps what the last version has of it.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BackupReport, BackupSource } from '../../src/engine/backup/backup-job.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import { namesIn } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { localSource, TestBackup } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const files = ['a', 'folder/b', 'folder/c', 'folder/deeper/d', 'z']

interface Scene {
  readonly folder: string
  readonly tree: MemoryTree
  readonly backup: TestBackup
  readonly source: () => BackupSource
  readonly backUp: () => Promise<BackupReport>
}

function scene(): Scene {
  const folder = tempFolder()
  const tree = new MemoryTree()
  for (const path of files) tree.writeFile(path, contentOf(path, 3000))
  const backup = new TestBackup(folder)
  const source = (): BackupSource => ({ source: new MemorySource(tree), mountPath: '/machine' })
  return { folder, tree, backup, source, backUp: () => backup.backUp([source()]) }
}

/** Paths of the files that a version holds, with all of them byte for byte what they were made of. */
async function filesIn(backup: TestBackup, number = 0, changed: readonly string[] = []): Promise<string[]> {
  const out = join(tempFolder(), 'out')
  const report = await backup.restore(out, { version: { number }, keepWholePaths: true })
  expect(report.failed).toEqual([])
  const root = join(out, 'machine')
  const found = describeTree(root).filter(({ type }) => type === 'file')
  const made = tempFolder()
  for (const { path, sha256 } of found) {
    if (changed.includes(path)) continue
    writeFileSync(join(made, 'expected'), contentOf(path, 3000))
    expect([path, sha256]).toEqual([path, describeTree(made)[1]?.sha256])
  }
  return found.map(({ path }) => path)
}

it.each([
  { problem: 'unreadable', code: 'EntryUnreadable' },
  { problem: 'vanishing', code: 'EntryVanished' },
  { problem: 'unlistable', code: 'EntryUnreadable' },
  { problem: { failsAfterBytes: 1500 }, code: 'EntryUnreadable' },
] as const)(
  'a new file that is $problem is told and left out, all others are stored',
  async ({ problem, code }) => {
    const { tree, backup, backUp } = scene()
    tree.plan('folder/b', problem)
    const report = await backUp()
    expect(report.gaps).toMatchObject([{ path: '/machine/folder/b', error: { code, kind: 'source-entry' } }])
    expect(report.version?.isFull).toBe(true)
    expect(report.entries.files).toBe(4)
    expect(report.filesAdded).toBe(4)
    expect((await backup.check()).versions).toHaveLength(1)
    expect(await filesIn(backup)).toEqual(files.filter((path) => path !== 'folder/b'))
    tree.plan('folder/b', undefined)
    expect(await backUp()).toMatchObject({ gaps: [], filesAdded: 1 })
    await backup.check()
    expect(await filesIn(backup)).toEqual(files)
  },
)

it.each(['unreadable', 'unlistable'] as const)(
  'a file of the last version that is now %s is told, not called removed, and stays in earlier ones',
  async (problem) => {
    const { tree, backup, backUp } = scene()
    await backUp()
    tree.writeFile('folder/b', 'changed', { modifiedNs: 1_800_000_000_000_000_000n })
    tree.plan('folder/b', problem)
    const report = await backUp()
    expect(report).toMatchObject({
      gaps: [{ path: '/machine/folder/b' }],
      entriesRemoved: 0,
      filesChanged: 0,
    })
    await backup.check()
    expect(await filesIn(backup, 1)).toEqual(files)
    expect(await filesIn(backup)).toEqual(files.filter((path) => path !== 'folder/b'))
  },
)

it('a folder without permission is told, and costs what lies below it and nothing else', async () => {
  const { tree, backup, backUp } = scene()
  tree.plan('folder', 'unreadable')
  const report = await backUp()
  expect(report.gaps).toMatchObject([{ path: '/machine/folder/', error: { code: 'FolderUnreadable' } }])
  await backup.check()
  expect(await filesIn(backup)).toEqual(['a', 'z'])
})

it('a folder that fails for now keeps what the last version has below it, and marks the version partial', async () => {
  const { tree, backup, backUp } = scene()
  await backUp()
  tree.plan('folder', 'failing')
  tree.writeFile('a', 'changed', { modifiedNs: 1_800_000_000_000_000_000n })
  const report = await backUp()
  expect(report.gaps).toMatchObject([{ path: '/machine/folder/', error: { code: 'FolderNotListed' } }])
  expect(report).toMatchObject({ version: { isFull: false }, entriesRemoved: 0 })
  await backup.check()
  expect((await backup.restore(join(tempFolder(), 'out'))).version.isFull).toBe(false)
  expect(await filesIn(backup, 0, ['a'])).toEqual(files)
  tree.plan('folder', undefined)
  expect((await backUp()).version?.isFull).toBe(true)
  expect(await filesIn(backup, 0, ['a'])).toEqual(files)
})

it('a folder that goes on failing makes no version after version of the same', async () => {
  const { tree, backup, backUp } = scene()
  await backUp()
  tree.plan('folder', 'failing')
  tree.writeFile('a', 'changed', { modifiedNs: 1_800_000_000_000_000_000n })
  await backUp()
  expect(await backUp()).toMatchObject({ version: undefined, gaps: [{ path: '/machine/folder/' }] })
  expect((await backup.check()).versions).toHaveLength(2)
})

it('a folder that vanishes during the scan is gone from the new version, and kept in the last', async () => {
  const { tree, backup, backUp } = scene()
  await backUp()
  tree.plan('folder', 'vanishing')
  const report = await backUp()
  expect(report.gaps).toMatchObject([{ path: '/machine/folder/', error: { code: 'EntryVanished' } }])
  expect(report.version?.isFull).toBe(true)
  await backup.check()
  expect(await filesIn(backup)).toEqual(['a', 'z'])
  expect(await filesIn(backup, 1)).toEqual(files)
})

it.each([{ changes: 1 }, { changes: 2 }])(
  'a file that changes while it is read is read again (%o)',
  async (problem) => {
    const { tree, backup, backUp } = scene()
    tree.plan('folder/b', problem)
    expect(await backUp()).toMatchObject({ gaps: [] })
    await backup.check()
    expect(await filesIn(backup)).toEqual(files)
  },
)

it('a file that never rests is stored as it was read, told, and read again by the next run', async () => {
  const { tree, backup, backUp } = scene()
  tree.plan('folder/b', { changes: 99 })
  const report = await backUp()
  expect(report.gaps).toMatchObject([{ path: '/machine/folder/b', error: { code: 'EntryChanging' } }])
  expect(await filesIn(backup)).toEqual(files)
  tree.plan('folder/b', undefined)
  expect(await backUp()).toMatchObject({ gaps: [], filesRead: 1 })
  await backup.check()
})

const lost = [
  {
    name: 'that is not there',
    code: 'SourceMissing',
    lose: (tree: MemoryTree) => tree.plan('', 'vanishing'),
  },
  {
    name: 'whose root may not be read',
    code: 'SourceUnreadable',
    lose: (tree: MemoryTree) => tree.plan('', 'unreadable'),
  },
  {
    name: 'whose connection is lost',
    code: 'ConnectionLost',
    lose: (tree: MemoryTree) => tree.plan('folder', 'disconnecting'),
  },
  {
    name: 'whose connection is lost while a file is read',
    code: 'ConnectionLost',
    lose: (tree: MemoryTree) => tree.plan('z', 'disconnecting'),
  },
]

it.each(lost)('a source $name makes no version, and nothing counts as deleted', async ({ code, lose }) => {
  const { tree, backup, backUp } = scene()
  await backUp()
  for (const path of files) tree.writeFile(path, contentOf(path, 3000), { mode: 0o600 })
  tree.writeFile('z', contentOf('z', 3000), { modifiedNs: 1_800_000_000_000_000_000n })
  const before = namesIn(backup.folder)
  lose(tree)
  await expect(backUp()).rejects.toMatchObject({ code, kind: 'source-gone' })
  expect(namesIn(backup.folder)).toEqual(before)
  expect(namesIn(backup.tempFolder)).toEqual([])
  expect(await filesIn(backup)).toEqual(files)
})

it.each(lost)('of two sources one $name keeps what the last version has of it', async ({ code, lose }) => {
  const { folder, tree, backup, source } = scene()
  const other = join(folder, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'new'), '1')
  await backup.backUp([source(), localSource(other)])
  writeFileSync(join(other, 'newer'), '2')
  tree.writeFile('z', contentOf('z', 3000), { modifiedNs: 1_800_000_000_000_000_000n })
  lose(tree)
  const report = await backup.backUp([source(), localSource(other)])
  expect(report).toMatchObject({
    version: { isFull: false },
    lostSources: [{ error: { code } }],
    entriesRemoved: 0,
  })
  await backup.check()
  expect(await filesIn(backup)).toEqual(files)
  const found = await backup.restore(join(folder, 'out'), { patterns: [join(other, '*')] })
  expect(found.files).toBe(2)
})

it('a local folder that is gone is SourceMissing, one without permission SourceUnreadable: no version', async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'file'), 'x')
  const backup = new TestBackup(folder)
  await backup.backUp(tree)
  const before = namesIn(backup.folder)
  chmodSync(tree, 0)
  const refusal = backup.backUp([{ source: asNobody(new LocalSource({ path: tree })), mountPath: tree }])
  await expect(refusal).rejects.toMatchObject({
    code: 'SourceUnreadable',
    what: expect.stringContaining(tree),
  })
  rmSync(tree, { recursive: true })
  await expect(backup.backUp(tree)).rejects.toMatchObject({
    code: 'SourceMissing',
    what: expect.stringContaining(tree),
    advice: expect.stringContaining('mounted'),
  })
  expect(namesIn(backup.folder)).toEqual(before)
})

/** The source with the rights of nobody, where this is run by root: permissions do not bind root. */
function asNobody(source: LocalSource): LocalSource {
  if (process.getuid?.() !== 0) return source
  const scan = source.scan.bind(source)
  source.scan = async function* (options) {
    process.seteuid?.(65_534)
    try {
      yield* scan(options)
    } finally {
      process.seteuid?.(0)
    }
  }
  return source
}

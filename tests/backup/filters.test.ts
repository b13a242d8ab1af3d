// Which entries a version holds when rules leave some out: those and no others, whatever kind of source, counted and
// told, and never taken for something that went missing.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import type { BackupReport, BackupSource } from '../../src/engine/backup/backup-job.ts'
import {
  selectionRules,
  usualSelection,
  type SelectionOptions,
} from '../../src/engine/select/selection-rules.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import { allAdapters } from '../../src/wire/adapters.ts'
import { newClientKey } from '../support/client-key.ts'
import { localSource, TestBackup, testPassphrase } from '../support/run-engine.ts'
import { startSftpServer } from '../support/sftp-server/start-sftp-server.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'

const root = '/web1/srv'

interface Scene {
  readonly tree: MemoryTree
  readonly backUp: (options?: Partial<SelectionOptions>) => Promise<BackupReport>
  /** Paths of the newest version below the root; the backup is sound. */
  readonly held: () => Promise<string[]>
}

function scene(...paths: string[]): Scene {
  const tree = new MemoryTree()
  for (const path of paths) tree.writeFile(path, path)
  const backup = new TestBackup(tempFolder())
  const source = (): BackupSource => ({
    source: new MemorySource(tree),
    mountPath: root,
    machinePath: '/srv',
  })
  const backUp = (options: Partial<SelectionOptions> = {}): Promise<BackupReport> =>
    backup.backUp([source()], { changes: { rules: selectionRules({ ...usualSelection, ...options }) } })
  return { tree, backUp, held: () => heldBy(backup, `${root}/`) }
}

async function heldBy(backup: TestBackup, below: string): Promise<string[]> {
  const byVersion = new Map<string, string[]>()
  await expectSound(backup.folder, {
    written: 'pullback',
    passphrase: testPassphrase,
    eachEntry: ({ path }, version) => {
      byVersion.set(version, [...(byVersion.get(version) ?? []), path])
    },
  })
  const newest = [...byVersion.values()].at(-1) ?? []
  return newest
    .filter((path) => path !== below)
    .map((path) => path.slice(below.length))
    .sort()
}

function exclude(...patterns: string[]): Partial<SelectionOptions> {
  return { filters: patterns.map((pattern) => ({ kind: 'exclude', pattern })) }
}

function include(...patterns: string[]): Partial<SelectionOptions> {
  return { filters: patterns.map((pattern) => ({ kind: 'include', pattern })) }
}

it('what filters leave out is not in the version, is counted, and is no gap', async () => {
  const { backUp, held } = scene('a.txt', 'b.tmp', 'cache/x', 'cache/deep/y', 'keep/z', 'keep/b.tmp')
  const report = await backUp(exclude('*.tmp', '/srv/cache/'))
  expect(report).toMatchObject({
    leftOut: { files: 2, folders: 1, links: 0 },
    entries: { files: 2, folders: 2, links: 0 },
    gaps: [],
    warnings: [],
    version: { isFull: true },
  })
  expect(await held()).toEqual(['a.txt', 'keep/', 'keep/z'])
})

it('with includes alone only those are in, with the folders that lead to them', async () => {
  const { backUp, held } = scene('a.txt', 'b.md', 'c/d/e.txt', 'c/d/f.md', 'g/h/i.md')
  const report = await backUp(include('*.txt'))
  expect(await held()).toEqual(['a.txt', 'c/', 'c/d/', 'c/d/e.txt'])
  expect(report).toMatchObject({ leftOut: { files: 3, folders: 2 }, entries: { files: 2, folders: 3 } })
})

it('the first filter that matches decides', async () => {
  const { backUp, held } = scene('a/keep.tmp', 'a/other.tmp', 'a/text')
  await backUp({
    filters: [
      { kind: 'include', pattern: '*/keep.tmp' },
      { kind: 'exclude', pattern: '*.tmp' },
    ],
  })
  expect(await held()).toEqual(['a/', 'a/keep.tmp', 'a/text'])
})

it('a folder that holds a tag is left out with all below it, and only that folder', async () => {
  const { backUp, held } = scene('a/CACHEDIR.TAG', 'a/b/c', 'a/d', 'e/f', 'e/g/CACHEDIR.TAG', 'e/g/h/i')
  const report = await backUp()
  expect(await held()).toEqual(['e/', 'e/f'])
  expect(report).toMatchObject({ leftOut: { files: 0, folders: 2 }, gaps: [], warnings: [] })
  await backUp({ ignoreFilenames: [] })
  expect(await held()).toContain('e/g/h/i')
})

it('a tag in the folder that somebody named as a source is a file like any other', async () => {
  const { backUp, held } = scene('CACHEDIR.TAG', 'a')
  await backUp()
  expect(await held()).toEqual(['CACHEDIR.TAG', 'a'])
})

it('what is left out from now on leaves the next version, not the last, and counts as nothing lost', async () => {
  const { tree, backUp, held } = scene('a/x', 'a/b/y', 'c.tmp', 'd')
  expect((await backUp()).leftOut).toEqual({ files: 0, folders: 0, links: 0 })
  const before = await held()
  expect(before).toEqual(['a/', 'a/b/', 'a/b/y', 'a/x', 'c.tmp', 'd'])
  const report = await backUp(exclude('*/a/', '*.tmp'))
  expect(await held()).toEqual(['d'])
  expect(report).toMatchObject({ entriesRemoved: 0, leftOut: { files: 1, folders: 1 }, gaps: [] })
  // The same again: nothing changed, so nothing is written.
  expect((await backUp(exclude('*/a/', '*.tmp'))).version).toBeUndefined()
  await backUp()
  expect(await held()).toEqual(before)
  // A tag that appears does the same.
  tree.writeFile('a/CACHEDIR.TAG', '')
  expect(await backUp()).toMatchObject({ entriesRemoved: 0, leftOut: { files: 0, folders: 1 } })
  expect(await held()).toEqual(['c.tmp', 'd'])
})

it('a tagged folder that changes from run to run makes no version and stores nothing', async () => {
  const { tree, backUp } = scene('a/CACHEDIR.TAG', 'a/x', 'b')
  await backUp()
  tree.makeFolder('a', { modifiedNs: 1_800_000_000_000_000_000n })
  tree.writeFile('a/x', 'changed')
  expect(await backUp()).toMatchObject({ version: undefined, newBlocks: 0, uploadedFiles: 0 })
})

it('empty folders are left out where that is asked, and folders of nothing but such', async () => {
  const { tree, backUp, held } = scene('a/b/c', 'd/e/f.tmp', 'x')
  for (const path of ['g', 'h/i/j']) tree.makeFolder(path)
  tree.makeLink('k/link', 'x')
  tree.makeSpecial('l/pipe', 'pipe')
  await backUp({ excludeEmptyFolders: true, ...exclude('*.tmp') })
  expect(await held()).toEqual(['a/', 'a/b/', 'a/b/c', 'k/', 'k/link', 'x'])
  // A folder that became empty goes, and comes back with what it holds.
  tree.remove('a/b/c')
  expect(await backUp({ excludeEmptyFolders: true })).toMatchObject({
    entriesRemoved: 1,
    leftOut: { files: 0, folders: 7 },
  })
  expect(await held()).toEqual(['d/', 'd/e/', 'd/e/f.tmp', 'k/', 'k/link', 'x'])
  tree.writeFile('a/b/c', 'again')
  await backUp({ excludeEmptyFolders: true })
  expect(await held()).toContain('a/b/c')
})

it('a folder that could not be looked at is not taken for an empty one', async () => {
  const { tree, backUp, held } = scene('a/b/c', 'd/e')
  tree.plan('a/b', 'unreadable')
  tree.plan('d/e', 'unlistable')
  const report = await backUp({ excludeEmptyFolders: true })
  expect(report.gaps).toHaveLength(2)
  expect(await held()).toEqual(['a/', 'a/b/', 'd/'])
})

it('a folder that fails for now keeps what the last version has, under every rule', async () => {
  const { tree, backUp, held } = scene('a/b/c.txt', 'd.txt')
  const rules = { ...include('*.txt'), excludeEmptyFolders: true }
  await backUp(rules)
  const before = await held()
  tree.plan('a/b', 'failing')
  tree.writeFile('d.txt', 'changed')
  await backUp(rules)
  expect(await held()).toEqual(before)
})

it('links, large, hidden and read-only files are left out where that is asked', async () => {
  const { tree, backUp, held } = scene('.hidden', '.folder/x', 'small', 'plain/y')
  tree.writeFile('large', Buffer.alloc(2000))
  tree.writeFile('locked', 'x', { mode: 0o444 })
  tree.makeLink('link', 'small')
  const report = await backUp({
    symlinkPolicy: 'Ignore',
    skipFilesLargerThanBytes: 1999,
    excludeFilesAttributes: ['Hidden', 'ReadOnly'],
  })
  expect(await held()).toEqual(['plain/', 'plain/y', 'small'])
  expect(report.leftOut).toEqual({ files: 3, folders: 1, links: 1 })
})

it('filters that leave out everything are warned of', async () => {
  const { backUp, held } = scene('a', 'b/c')
  const report = await backUp(exclude('*'))
  expect(report.warnings).toEqual(['the filters leave out everything in memory:tree/'])
  expect(await held()).toEqual([])
  expect((await backUp(include('*.nothing'))).warnings).toHaveLength(1)
  expect((await backUp(exclude('*/b/'))).warnings).toEqual([])
})

it('a filter that names a folder as if it were a file is warned of', async () => {
  const { backUp, held } = scene('cache/a')
  const report = await backUp(exclude('/srv/cache'))
  expect(report.warnings).toEqual([
    'the filter /srv/cache does not match the folder /srv/cache/: a folder is written with / at its end',
  ])
  expect(await held()).toEqual(['cache/', 'cache/a'])
})

it('a dry run counts what would be left out and changes nothing', async () => {
  const folder = tempFolder()
  const tree = new MemoryTree()
  for (const path of ['a/CACHEDIR.TAG', 'b', 'c.tmp']) tree.writeFile(path, path)
  const backup = new TestBackup(folder)
  const source = (): BackupSource[] => [{ source: new MemorySource(tree), mountPath: root }]
  await backup.backUp(source())
  const before = await heldBy(backup, `${root}/`)
  const rules = selectionRules({ ...usualSelection, ...exclude('*.tmp') })
  const report = await backup.backUp(source(), { changes: { rules, dryRun: true } })
  expect(report.leftOut).toEqual({ files: 1, folders: 1, links: 0 })
  expect((await backup.backUp(source())).version).toBeUndefined()
  expect(await heldBy(backup, `${root}/`)).toEqual(before)
})

it('holds for a folder of this machine, whose names may be no text', async () => {
  const folder = tempFolder()
  const source = join(folder, 'source')
  const paths = ['kept', 'cache/CACHEDIR.TAG', 'cache/deep/x', 'deep/er/a.tmp', 'deep/er/b', 'only/c.tmp']
  for (const path of paths) {
    mkdirSync(dirname(join(source, path)), { recursive: true })
    writeFileSync(join(source, path), path)
  }
  symlinkSync('cache', join(source, 'link'))
  writeFileSync(Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff, 0x2e, 0x74, 0x6d, 0x70])]), 'x')
  const backup = new TestBackup(folder)
  const rules = selectionRules({ ...usualSelection, ...exclude('*.tmp'), excludeEmptyFolders: true })
  const report = await backup.backUp([localSource(source)], { changes: { rules } })
  expect(await heldBy(backup, `${source}/`)).toEqual(['deep/', 'deep/er/', 'deep/er/b', 'kept', 'link'])
  expect(report.leftOut).toEqual({ files: 3, folders: 2, links: 0 })
})

it('holds over SSH, for paths on the machine and in the backup, whatever order listings come in', async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  const write = (path: string): void => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), path)
  }
  const kept: string[] = []
  for (let at = 0; at < 30; at += 1) {
    kept.push(`f${at}/`, `f${at}/kept/`, `f${at}/kept/x`)
    for (const path of ['kept/x', 'tagged/CACHEDIR.TAG', 'tagged/a/b', 'one/x', 'two/x'])
      write(`f${at}/${path}`)
  }
  const key = newClientKey(folder)
  const server = await startSftpServer({ users: [{ name: 'ana', publicKeys: [key.publicKey] }] })
  const options = new Map([
    ['ssh-keyfile', key.file],
    ['ssh-fingerprint', server.hostKeyFingerprint],
  ])
  const adapters = allAdapters({ clock: systemClock, randomness: systemRandomness })
  const source = adapters.source(`ssh://ana@127.0.0.1:${server.port}${tree}`, options)
  const inBackup = `/127.0.0.1:${server.port}${tree}/`
  const rules = selectionRules({ ...usualSelection, ...exclude(`${tree}/*/one/`, `${inBackup}*/two/`) })
  const backup = new TestBackup(folder)
  const report = await backup.backUp([source], { changes: { rules } })
  expect(await heldBy(backup, inBackup)).toEqual([...kept].sort())
  expect(report).toMatchObject({ leftOut: { files: 0, folders: 90, links: 0 }, gaps: [], warnings: [] })
  await server.close()
})

// A version held against the sources it was made from: what is told is what was done to them, and no more.
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { outcomeOfCompareSource } from '../../src/cli/exit-code.ts'
import { compareSourceText } from '../../src/cli/reports/compare-source-text.ts'
import type { BackupSource } from '../../src/engine/backup/backup-job.ts'
import {
  compareSource,
  type CompareSourceJob,
  type CompareSourceReport,
} from '../../src/engine/compare/compare-source.ts'
import { selectionRules, usualSelection } from '../../src/engine/select/selection-rules.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import { keyLogin, sourceAt, sshdHere } from '../ssh/ssh-lab.ts'
import { describeTree } from '../support/describe-tree.ts'
import { localSource, runContext, TestBackup } from '../support/run-engine.ts'
import { sshdInstalled } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf } from '../support/trees.ts'

const oldSeconds = 1_000_000_000

interface Compared {
  readonly folder: string
  readonly tree: string
  readonly backup: TestBackup
}

function here(): Compared {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  return { folder, tree, backup: new TestBackup(folder) }
}

async function compared(
  { backup }: Compared,
  sources: readonly BackupSource[],
  changes: Partial<CompareSourceJob> = {},
): Promise<CompareSourceReport> {
  const set = backup.job([])
  await set.target.open({ create: false }, new AbortController().signal)
  const usual = { version: { number: 0 }, readContents: false, listed: 99 }
  const job = { ...set, sources, rules: selectionRules(usualSelection), ...usual, ...changes }
  try {
    return await compareSource(job, runContext({}))
  } finally {
    await set.target.close()
  }
}

/** Names below the root, with what changed. */
function told(report: CompareSourceReport, root: string) {
  const of = (kind: 'added' | 'changed' | 'removed' | 'silent'): string[] =>
    report[kind].entries.map(({ path, aspects }) =>
      [path.slice(root.length + 1), ...(aspects ?? [])].join(' ').trim(),
    )
  return { added: of('added'), changed: of('changed'), removed: of('removed'), silent: of('silent') }
}

function write(path: string, content: string | Buffer, seconds = oldSeconds): void {
  writeFileSync(path, content)
  utimesSync(path, seconds, seconds)
}

/** Every folder gets an old time again, so that only what a test does to it shows. */
function settle(tree: string): void {
  for (const { path, type } of describeTree(tree).toReversed())
    if (type === 'folder') utimesSync(join(tree, path), oldSeconds, oldSeconds)
}

/** What is done to a tree, and what must be told of it. */
function makeTree(tree: string): void {
  for (const name of ['same', 'longer', 'touched', 'rotten', 'private', 'gone', 'file or folder', 'odd'])
    write(join(tree, name), contentOf(name, 3000))
  mkdirSync(join(tree, 'lost', 'deep'), { recursive: true })
  write(join(tree, 'lost', 'deep', 'one'), 'one')
  mkdirSync(join(tree, 'folder or file'))
  write(join(tree, 'folder or file', 'in it'), 'in it')
  symlinkSync('here', join(tree, 'link'))
  lutimesSync(join(tree, 'link'), oldSeconds, oldSeconds)
  settle(tree)
}

function changeTree(tree: string): void {
  const at = (...parts: string[]): string => join(tree, ...parts)
  write(at('longer'), contentOf('longer', 3001), oldSeconds + 5)
  utimesSync(at('touched'), oldSeconds + 7, oldSeconds + 7)
  write(at('rotten'), contentOf('other bytes', 3000))
  chmodSync(at('private'), 0o600)
  unlinkSync(at('gone'))
  write(at('odd'), contentOf('odd and other', 3000), oldSeconds + 9)
  rmSync(at('lost'), { recursive: true })
  rmSync(at('file or folder'))
  mkdirSync(at('file or folder'))
  write(at('file or folder', 'new'), 'new')
  rmSync(at('folder or file'), { recursive: true })
  write(at('folder or file'), 'now a file')
  unlinkSync(at('link'))
  symlinkSync('there', at('link'))
  lutimesSync(at('link'), oldSeconds, oldSeconds)
  write(at('fresh'), 'fresh')
  settle(tree)
}

const changes = {
  added: ['file or folder/new', 'fresh'],
  changed: [
    'file or folder/ type',
    'folder or file type',
    'link target',
    'longer size time',
    'odd time',
    'private mode',
    'touched time',
  ],
  removed: ['folder or file/in it', 'gone', 'lost/', 'lost/deep/', 'lost/deep/one'],
}

const sshdThere = sshdInstalled()
const kinds = [
  { name: 'a local source', isThere: true, source: (tree: string) => Promise.resolve(localSource(tree)) },
  {
    name: 'a source over SSH',
    isThere: sshdThere,
    source: async (path: string) => {
      const sshd = await sshdHere()
      const at = { port: sshd.port, user: sshd.user, path, options: keyLogin(sshd) }
      return { source: sourceAt(at), mountPath: path }
    },
  },
]

describe.each(kinds)('a comparison of a version with $name', ({ isThere, source }) => {
  it.skipIf(!isThere)('finds nothing where nothing was done, every awkward entry included', async () => {
    const made = here()
    awkwardTree(made.tree)
    const backedUp = await source(made.tree)
    await made.backup.backUp([backedUp])
    await made.backup.check()
    const before = describeTree(made.folder).filter(({ path }) => path.startsWith('backup'))
    for (const readContents of [false, true]) {
      const report = await compared(made, [await source(made.tree)], { readContents })
      expect(told(report, made.tree)).toEqual({ added: [], changed: [], removed: [], silent: [] })
      expect(report).toMatchObject({ gapCount: 0, outside: 0, warnings: [] })
      const stored = made.backup.withIndex((index) => index.entries.ofVersion(1).toArray().length)
      expect(report.unchanged).toBe(stored)
      expect(outcomeOfCompareSource(report)).toBe('success')
    }
    expect(describeTree(made.folder).filter(({ path }) => path.startsWith('backup'))).toEqual(before)
  })

  it.skipIf(!isThere)('tells of each entry what became of it, and reads no file for that', async () => {
    const made = here()
    makeTree(made.tree)
    await made.backup.backUp([await source(made.tree)])
    changeTree(made.tree)
    const report = await compared(made, [await source(made.tree)])
    expect(told(report, made.tree)).toEqual({ ...changes, silent: [] })
    expect(report).toMatchObject({ filesRead: 0, unchanged: 3, gapCount: 0 })
  })

  it.skipIf(!isThere)('finds bytes that changed without a sign when it reads contents', async () => {
    const made = here()
    makeTree(made.tree)
    await made.backup.backUp([await source(made.tree)])
    changeTree(made.tree)
    const report = await compared(made, [await source(made.tree)], { readContents: true })
    expect(told(report, made.tree)).toEqual({
      ...changes,
      changed: changes.changed.map((one) => (one === 'odd time' ? 'odd time content' : one)),
      silent: ['rotten'],
    })
    expect(outcomeOfCompareSource(report)).toBe('errors')
    expect(compareSourceText(report, { full: false })).toContain(`${made.tree}/rotten (2.9 KiB)`)
  })
})

describe('a comparison with a source', () => {
  it('takes an older version, and says the same from an index that was built again', async () => {
    const made = here()
    makeTree(made.tree)
    await made.backup.backUp(made.tree)
    const second = { nowMs: () => Date.now() + 5000, monotonicMs: () => performance.now() }
    changeTree(made.tree)
    await made.backup.backUp(made.tree, { clock: second })
    const newest = await compared(made, [localSource(made.tree)])
    // What was changed without a sign is in neither version.
    expect(told(newest, made.tree)).toEqual({ added: [], changed: [], removed: [], silent: [] })
    const older = await compared(made, [localSource(made.tree)], { version: { number: 1 } })
    expect(told(older, made.tree)).toEqual({ ...changes, silent: [] })
    rmSync(join(made.folder, 'index'), { recursive: true })
    const again = await compared(made, [localSource(made.tree)], { version: { number: 1 } })
    expect(told(again, made.tree)).toEqual({ ...changes, silent: [] })
  })

  it('counts nothing as removed that it could not look at', async () => {
    const made = here()
    const tree = new MemoryTree()
    for (const path of ['open/seen', 'open/hidden', 'open/unlisted', 'shut/in/it', 'broken/in/it'])
      tree.writeFile(path, path)
    await made.backup.backUp([{ source: new MemorySource(tree), mountPath: '/m' }])
    tree.plan('shut', 'unreadable')
    tree.plan('broken', 'failing')
    tree.plan('open/hidden', 'unreadable')
    tree.plan('open/unlisted', 'unlistable')
    const source = { source: new MemorySource(tree), mountPath: '/m' }
    const report = await compared(made, [source], { readContents: true })
    expect(told(report, '/m')).toMatchObject({ removed: [], silent: [] })
    expect(report.gaps.map(({ path }) => path).toSorted()).toEqual([
      '/m/broken/',
      '/m/open/hidden',
      '/m/open/unlisted',
      '/m/shut/',
    ])
    expect(report.gaps[0]?.error.meaning).toBe('It was not compared.')
    expect(outcomeOfCompareSource(report)).toBe('warnings')
  })

  it('leaves out what a backup leaves out, and what none of the sources holds', async () => {
    const made = here()
    makeTree(made.tree)
    const other = join(made.folder, 'other')
    mkdirSync(other)
    write(join(other, 'x'), 'x')
    await made.backup.backUp([localSource(made.tree), localSource(other)])
    changeTree(made.tree)
    const filters = [
      { kind: 'exclude', pattern: '*/lost/' } as const,
      // Not of the whole path: the folder of the test has a name that chance made.
      { kind: 'exclude', pattern: `${made.tree}/*o*` } as const,
    ]
    mkdirSync(join(made.tree, 'lost'))
    const rules = selectionRules({ ...usualSelection, filters })
    const report = await compared(made, [localSource(made.tree)], { rules })
    expect(report.outside).toBe(2)
    expect(told(report, made.tree)['removed']).toEqual(['gone'])
    expect(told(report, made.tree)['added']).toEqual(['fresh'])
  })

  it('names a source that is lost, compares the others, and fails when all are', async () => {
    const made = here()
    const other = join(made.folder, 'other')
    mkdirSync(other)
    write(join(made.tree, 'x'), 'x')
    write(join(other, 'y'), 'y')
    await made.backup.backUp([localSource(made.tree), localSource(other)])
    renameSync(other, `${other} elsewhere`)
    const report = await compared(made, [localSource(made.tree), localSource(other)])
    expect(report.lostSources).toMatchObject([{ label: other, error: { code: 'SourceMissing' } }])
    expect(report.removed.count).toBe(0)
    expect(outcomeOfCompareSource(report)).toBe('errors')
    await expect(compared(made, [localSource(other)])).rejects.toMatchObject({ code: 'SourceMissing' })
  })

  it('says metadata where the old one is lost, and still all else', async () => {
    const made = here()
    makeTree(made.tree)
    await made.backup.backUp(made.tree)
    changeTree(made.tree)
    for (const name of readdirSync(made.backup.folder))
      if (name.includes('.dblock.')) rmSync(join(made.backup.folder, name))
    const report = await compared(made, [localSource(made.tree)])
    expect(told(report, made.tree)['changed']).toContain('private metadata')
    expect(told(report, made.tree)['removed']).toEqual(changes.removed)
  })

  it('names a few and counts all', async () => {
    const made = here()
    for (let at = 0; at < 30; at += 1) write(join(made.tree, `f${at}`), 'x')
    await made.backup.backUp(made.tree)
    for (let at = 0; at < 30; at += 1) utimesSync(join(made.tree, `f${at}`), oldSeconds, oldSeconds + 1)
    const report = await compared(made, [localSource(made.tree)], { listed: 4 })
    expect(report.changed).toMatchObject({ count: 30, bytes: 30, entries: { length: 4 } })
    expect(compareSourceText(report, { full: false })).toContain('and 26 more; --full-result lists them')
  })
})

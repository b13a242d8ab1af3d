// A backup that does not come to its end: what it had stored is not read or sent again, becomes a partial version, and
// every earlier version stays as it was.
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findGaps } from '../../src/engine/browse/list-versions.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import { namesIn } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { runContext, TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { stopAfter } from '../support/stop-after.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf, manyFiles } from '../support/trees.ts'

interface Scene {
  readonly folder: string
  readonly tree: string
  readonly backup: TestBackup
  /** A run whose destination fails as it is told. */
  readonly failing: (fault: Fault) => Promise<unknown>
}

const failed = { effect: 'error', code: 'DestinationFull' } as const

/** 100 small files and sixty that fill six volumes or more, each far smaller than a volume. */
function scene(): Scene {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  manyFiles(tree, 100)
  for (let at = 0; at < 60; at += 1) {
    writeFileSync(join(tree, `big ${at}`), contentOf(`${at}`, 100_000))
  }
  makeOld(tree)
  const backup = new TestBackup(folder)
  const failing = (fault: Fault): Promise<unknown> => {
    const target = new FaultyTarget(new LocalTarget({ folder: backup.folder }), [fault])
    return backup.backUp(tree, { changes: { target } })
  }
  return { folder, tree, backup, failing }
}

/** Long ago, so that no file counts as just changed; each at its own time, so that no two share their metadata. */
function makeOld(tree: string): void {
  for (const [at, { path, type }] of describeTree(tree).entries()) {
    if (type === 'file') utimesSync(join(tree, path), 1_000_000_000, 1_000_000_000 + at)
  }
}

const never = new AbortController().signal

describe('a backup that is asked to stop', () => {
  it('writes what it has as a partial version, and the next run reads only the rest', async () => {
    const { folder, tree, backup } = scene()
    const stopped = await backup.backUp(tree, { ...stopAfter(80), giveUp: never })
    expect(stopped).toMatchObject({ stopped: true, version: { isFull: false } })
    expect(stopped.filesRead).toBeGreaterThan(30)
    expect((await backup.check({ cutOff: true })).versions).toHaveLength(1)
    const rest = await backup.backUp(tree)
    expect(rest).toMatchObject({ stopped: false, finishedMs: undefined, version: { isFull: true } })
    expect(rest.filesRead + stopped.filesRead).toBe(160)
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('keeps in the partial version what the last one has of the files that it did not reach', async () => {
    const { folder, tree, backup } = scene()
    const { entries } = await backup.backUp(tree)
    const before = describeTree(tree).map(({ path }) => path)
    writeFileSync(join(tree, 'big 10'), contentOf('new a', 100_000))
    writeFileSync(join(tree, 'big 11'), contentOf('new b', 100_000))
    const stopped = await backup.backUp(tree, {
      ...stopAfter(entries.files + entries.folders - 1),
      giveUp: never,
    })
    expect(stopped.version?.isFull).toBe(false)
    await backup.check({ cutOff: true })
    await backup.restore(join(folder, 'out'))
    expect(describeTree(join(folder, 'out')).map(({ path }) => path)).toEqual(before)
  })

  it('before it saw anything, is stopped without a version', async () => {
    const { tree, backup } = scene()
    const stop = AbortSignal.abort()
    await expect(backup.backUp(tree, { signal: stop, giveUp: never })).rejects.toMatchObject({
      code: 'Cancelled',
    })
    expect(namesIn(backup.folder)).toEqual([])
  })
})

describe('a backup that failed in the middle', () => {
  it('is finished by the next run as a partial version; nothing confirmed is read or sent twice', async () => {
    const { folder, tree, backup, failing } = scene()
    await expect(
      failing({ verb: 'put', nameHolds: '.dblock.', nth: 3, at: 'before', ...failed }),
    ).rejects.toThrow(expect.objectContaining({ code: 'DestinationFull' }))
    const sent = namesIn(backup.folder)
    const next = await backup.backUp(tree)
    expect(next.finishedMs).toBeDefined()
    expect(next.version?.isFull).toBe(true)
    expect(next.filesRead).toBeLessThan(160)
    expect(namesIn(backup.folder)).toEqual(expect.arrayContaining(sent))
    const { versions } = await backup.check({ cutOff: true })
    expect(versions).toHaveLength(2)
    for (const number of [0, 1]) {
      const out = join(folder, `out ${number}`)
      const { version, failed: lost } = await backup.restore(out, { version: { number } })
      expect({ isFull: version.isFull, lost }).toEqual({ isFull: number === 0, lost: [] })
    }
    expectSameTree(tree, join(folder, 'out 0'))
  })

  it('has made its version when only the last answer was lost', async () => {
    const { folder, tree, backup, failing } = scene()
    const fault = { verb: 'put', nameHolds: '.dlist.', at: 'after', ...failed } as const
    await expect(failing(fault)).rejects.toMatchObject({ code: 'DestinationFull' })
    const next = await backup.backUp(tree)
    expect(next).toMatchObject({
      version: undefined,
      finishedMs: undefined,
      indexRebuilt: false,
      filesRead: 0,
    })
    expect((await backup.check()).versions).toHaveLength(1)
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('and whose index is lost then, stores again only what no volume has', async () => {
    const { folder, tree, backup, failing } = scene()
    await expect(
      failing({ verb: 'put', nameHolds: '.dblock.', nth: 3, at: 'before', ...failed }),
    ).rejects.toThrow()
    rmSync(backup.indexPath)
    const next = await backup.backUp(tree)
    expect(next).toMatchObject({ indexRebuilt: true, finishedMs: undefined, filesRead: 160 })
    expect(next.newBlockBytes).toBeLessThan(next.bytesRead * 0.8)
    await backup.check({ cutOff: true })
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('changes nothing in a dry run after it', async () => {
    const { tree, backup, failing } = scene()
    await expect(
      failing({ verb: 'put', nameHolds: '.dblock.', nth: 3, at: 'before', ...failed }),
    ).rejects.toThrow()
    const before = namesIn(backup.folder)
    const dry = await backup.backUp(tree, { changes: { dryRun: true } })
    expect(dry).toMatchObject({
      version: undefined,
      finishedMs: undefined,
      indexRebuilt: false,
      warnings: [],
    })
    expect(namesIn(backup.folder)).toEqual(before)
    expect(await backup.backUp(tree)).toMatchObject({
      finishedMs: expect.any(Number) as number,
      warnings: [],
    })
  })

  it('again and again, comes to its end all the same', async () => {
    const { folder, tree, backup, failing } = scene()
    let runs = 0
    for (; runs < 40; runs += 1) {
      const outcome = await failing({
        verb: 'put',
        nameHolds: '.dblock.',
        nth: 2,
        at: 'before',
        ...failed,
      }).catch((error: unknown) => error)
      if (!(outcome instanceof Error)) break
    }
    expect(runs).toBeGreaterThan(2)
    expect(runs).toBeLessThan(40)
    await backup.check({ cutOff: true })
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })
})

describe('gaps', () => {
  it('stay with their version, in its file list and through a rebuild of the index', async () => {
    const tree = new MemoryTree()
    for (const path of ['a', 'b', 'c']) tree.writeFile(path, contentOf(path, 3000))
    tree.plan('b', 'unreadable')
    const backup = new TestBackup(tempFolder())
    const source = { source: new MemorySource(tree), mountPath: '/machine' }
    const report = await backup.backUp([source])
    expect(report).toMatchObject({ gapCount: 1, gaps: [{ path: '/machine/b' }] })
    await backup.check()
    rmSync(backup.indexPath)
    tree.writeFile('d', 'new')
    await backup.backUp([{ source: new MemorySource(tree), mountPath: '/machine' }])
    const gaps = backup.withIndex((index) =>
      index.versions.all().map(({ id }) => [...index.gaps.of(id)].map(({ path, code }) => `${path} ${code}`)),
    )
    expect(gaps).toEqual([['/machine/b EntryUnreadable'], ['/machine/b EntryUnreadable']])
    const target = new LocalTarget({ folder: backup.folder })
    const { passphrase, tempFolder: temp } = backup
    const job = { target, prefix: 'duplicati', passphrase, tempFolder: temp }
    const told = await findGaps({ ...job, versions: [{ number: 1 }] }, runContext({}))
    expect(told).toMatchObject([{ number: 1, gaps: [{ path: '/machine/b', code: 'EntryUnreadable' }] }])
  })
})

describe('a source that has lost most of its entries', () => {
  it.each([0, 3])('makes no version until a person says so; %i of 20 files are left', async (left) => {
    const tree = new MemoryTree()
    for (let at = 0; at < 20; at += 1) tree.writeFile(`file ${at}`, contentOf(`${at}`, 300))
    const backup = new TestBackup(tempFolder())
    const backUp = (changes = {}): ReturnType<TestBackup['backUp']> =>
      backup.backUp([{ source: new MemorySource(tree), mountPath: '/machine' }], { changes })
    await backUp()
    for (let at = left; at < 20; at += 1) tree.remove(`file ${at}`)
    const before = namesIn(backup.folder)
    await expect(backUp()).rejects.toMatchObject({ code: 'SourceShrunk', kind: 'source-gone' })
    await expect(backUp()).rejects.toMatchObject({ code: 'SourceShrunk' })
    expect(namesIn(backup.folder)).toEqual(before)
    expect(await backUp({ allowRemoval: true })).toMatchObject({
      entriesRemoved: 20 - left,
      finishedMs: undefined,
    })
    expect((await backup.check()).versions).toHaveLength(2)
  })

  it('keeps all it had in a version that another source makes', async () => {
    const trees = [new MemoryTree(), new MemoryTree()]
    for (const tree of trees) {
      for (let at = 0; at < 20; at += 1) tree.writeFile(`file ${at}`, contentOf(`${at}`, 300))
    }
    const folder = tempFolder()
    const backup = new TestBackup(folder)
    const backUp = (): ReturnType<TestBackup['backUp']> =>
      backup.backUp(
        trees.map((tree, at) => ({ source: new MemorySource(tree), mountPath: `/machine ${at}` })),
      )
    await backUp()
    for (let at = 0; at < 20; at += 1) trees[0]?.remove(`file ${at}`)
    trees[0]?.writeFile('new', 'x')
    trees[1]?.writeFile('new', 'x')
    expect(await backUp()).toMatchObject({
      version: { isFull: false },
      lostSources: [
        { error: { code: 'SourceShrunk', meaning: expect.stringContaining('partial') as string } },
      ],
    })
    await backup.check()
    expect((await backup.restore(join(folder, 'out'))).files).toBe(41)
  })
})

describe('reading unchanged files again', () => {
  it('finds a content that changed without its time or length, stores it, and says so', async () => {
    const tree = new MemoryTree()
    for (const path of ['a', 'b']) tree.writeFile(path, contentOf(path, 3000))
    const folder = tempFolder()
    const backup = new TestBackup(folder)
    const startMs = Date.parse('2026-03-01T12:00:00Z')
    const backUp = (day: number): ReturnType<TestBackup['backUp']> =>
      backup.backUp([{ source: new MemorySource(tree), mountPath: '/machine' }], {
        clock: { nowMs: () => startMs + day * 86_400_000, monotonicMs: () => 0 },
        changes: { rereadDays: 1 },
      })
    await backUp(0)
    tree.writeFile('a', contentOf('other', 3000))
    let found = 0
    for (let day = 1; day <= 11; day += 1) {
      const report = await backUp(day)
      found += report.filesChanged
      if (report.filesChanged === 0) continue
      expect(report.warnings).toEqual([expect.stringContaining('/machine/a among them') as string])
    }
    expect(found).toBe(1)
    await backup.check()
    writeFileSync(join(folder, 'expected'), contentOf('other', 3000))
    await backup.restore(join(folder, 'out'))
    const [expected] = describeTree(folder).filter(({ path }) => path === 'expected')
    const [restored] = describeTree(join(folder, 'out')).filter(({ path }) => path === 'a')
    expect(restored?.sha256).toBe(expected?.sha256)
  })
})

// The index built anew on request: from nothing, from a damaged one, beside one that runs go on with.
import { existsSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Progress } from '../../src/engine/progress.ts'
import type { RebuildReport } from '../../src/engine/rebuild/rebuild-set.ts'
import { applyRetention } from '../../src/engine/retention/apply-retention.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import { openIndex } from '../../src/index-db/open-index.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'
import { BackupStory } from '../support/backup-story.ts'
import { rowDifferences } from '../support/index-rows.ts'
import { rebuildSetOf, type RebuildChanges } from '../support/rebuild-set-of.ts'
import { flip } from '../support/run-check.ts'
import { runContext } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

const rebuilt = ({ backup }: BackupStory, changes?: RebuildChanges): Promise<RebuildReport> =>
  rebuildSetOf(backup, changes)

/** A destination at which something happens before the first volume of a kind is fetched. */
function targetAt({ backup }: BackupStory, kind: string, happens: () => Promise<unknown>): Target {
  const target = new LocalTarget({ folder: backup.folder })
  const get = target.get.bind(target)
  let isDone = false
  target.get = async function* getAfter(name, options) {
    if (!isDone && name.includes(`.${kind}.`) && options.range === undefined) {
      isDone = true
      await happens()
    }
    yield* get(name, options)
  }
  return target
}

/** The index says what one says that is built from nothing, the next backup believes it, and all comes back. */
async function expectRight(story: BackupStory): Promise<void> {
  const { indexPath } = story.backup
  const anew = join(tempFolder(), 'anew.sqlite')
  await rebuilt(story, { indexPath: anew })
  expect(rowDifferences(indexPath, anew)).toEqual([])
  story.change(5)
  expect(await story.backUp()).toMatchObject({ indexRebuilt: false, gaps: [], warnings: [] })
  await story.backup.check()
  const out = join(tempFolder(), 'out')
  expect((await story.backup.restore(out)).failed).toEqual([])
  expectSameTree(story.tree, out)
}

/** Deletes a version by its number, 0 the newest. */
async function deleted(story: BackupStory, number: number): Promise<void> {
  const plan = { rules: undefined, isConfirmed: true, timeZone: 'UTC', dryRun: false }
  const set = story.backup.job([])
  await withOpenSet({ set, run: runContext({}) }, (open) =>
    applyRetention(open, { ...plan, named: [{ number }] }),
  )
}

let told: BackupStory

beforeAll(async () => {
  told = await BackupStory.tell(tempFolder(afterAll), undefined)
})

describe('the index built anew', () => {
  const whole = {
    versions: 3,
    volumes: 9,
    read: { dlist: 3, dindex: 3, dblock: 0 },
    goneOnFrom: 0,
    warnings: [],
  }

  it('from an index that is sound says the same', async () => {
    const story = told.copy()
    const before = join(tempFolder(), 'before.sqlite')
    expect(await rebuilt(story, { indexPath: before })).toMatchObject(whole)
    expect(rowDifferences(story.backup.indexPath, before)).toEqual([])
    expect(await rebuilt(story)).toMatchObject(whole)
    expect(rowDifferences(story.backup.indexPath, before)).toEqual([])
    await expectRight(story)
  })

  it.each([
    { name: 'from nothing', harm: (path: string) => rmSync(path), warnings: 0 },
    { name: 'from one cut short', harm: (path: string) => truncateSync(path, 9000), warnings: 1 },
  ])('$name is whole', async ({ harm, warnings }) => {
    const story = told.copy()
    harm(story.backup.indexPath)
    const report = await rebuilt(story)
    expect(report).toMatchObject({ ...whole, warnings: expect.anything() as unknown })
    expect(report.warnings).toHaveLength(warnings)
    await expectRight(story)
  })

  it('keeps what the old one alone knew', async () => {
    const story = told.copy()
    const known = story.backup.withIndex((index) => {
      for (const row of index.volumes.all())
        index.volumes.noteCheck(row.id, { atMs: 7, sha256: row.sha256 ?? Buffer.alloc(32) })
      index.set('reread', 'so far')
      return index.volumes.all().map(({ name, checks, checkedMs }) => ({ name, checks, checkedMs }))
    })
    await rebuilt(story)
    story.backup.withIndex((index) => {
      expect(index.setting('reread')).toBe('so far')
      for (const one of known) expect(index.volumes.find(one.name)).toMatchObject(one)
    })
  })

  it('in a dry run is thrown away', async () => {
    const story = told.copy()
    const before = readFileSync(story.backup.indexPath)
    expect(await rebuilt(story, { dryRun: true })).toMatchObject({ ...whole, dryRun: true })
    expect(readFileSync(story.backup.indexPath).equals(before)).toBe(true)
    expect(existsSync(`${story.backup.indexPath}.rebuilding`)).toBe(false)
  })

  it('reads dblocks whose dindex is missing or lies, and says how many', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    rmSync(story.path(first?.dindex ?? ''))
    flip(story.path(second?.dindex ?? ''), 0.5)
    const report = await rebuilt(story, { indexPath: join(tempFolder(), 'index.sqlite') })
    expect(report).toMatchObject({ versions: 3, read: { dlist: 3, dindex: 2, dblock: 2 } })
    expect(report.warnings).toEqual([expect.stringContaining(second?.dindex ?? '') as string])
  })

  it('where there is no backup is refused', async () => {
    const story = told.copy()
    for (const name of story.names()) rmSync(story.path(name))
    await expect(rebuilt(story)).rejects.toMatchObject({ code: 'DestinationEmpty' })
  })
})

describe('while the index is built anew', () => {
  it('a backup runs, and a version goes: both are caught up with', async () => {
    const story = told.copy()
    const target = targetAt(story, 'dlist', async () => {
      story.change(4)
      expect(await story.backUp()).toMatchObject({ indexRebuilt: false, version: { isFull: true } })
      await deleted(story, 2)
    })
    const report = await rebuilt(story, { target })
    expect(report).toMatchObject({ versions: 3, volumes: 11, goneOnFrom: 0 })
    await expectRight(story)
    await story.expectVersions([0, 2])
  })

  it('another rebuild is refused', async () => {
    const story = told.copy()
    const target = targetAt(story, 'dindex', () =>
      expect(rebuilt(story)).rejects.toMatchObject({ code: 'IndexInUse' }),
    )
    expect((await rebuilt(story, { target })).versions).toBe(3)
  })

  it('a run that still has the index at the end is waited for', async () => {
    const story = told.copy()
    const index = openIndex(story.backup.indexPath)
    let pauses = 0
    const pause = async (): Promise<void> => {
      pauses += 1
      if (pauses === 2) index.close()
      return Promise.resolve()
    }
    expect((await rebuilt(story, { pause })).versions).toBe(3)
    expect(pauses).toBe(2)
  })

  it('it tells how far it is', async () => {
    const story = told.copy()
    const progress = new Progress()
    await rebuilt(story, { progress })
    expect(progress).toMatchObject({ volumesFound: 6, volumesDone: 6 })
    expect(progress.volumeBytesDone).toBe(progress.volumeBytesFound)
  })
})

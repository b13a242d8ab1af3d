// What cannot come back is taken out of the versions that list it, and nothing else is: afterwards nothing is broken,
// every version gives back all that it lists, and the folder is sound.
import { readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { outcomeOfPurgeBroken } from '../../src/cli/exit-code.ts'
import { purgeBrokenText } from '../../src/cli/reports/purge-broken-text.ts'
import { listBrokenFiles, type BrokenVersion } from '../../src/engine/check/broken-files.ts'
import { pinVersion } from '../../src/engine/retention/pins.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import {
  purgeBroken,
  type PurgeBrokenOrder,
  type PurgeBrokenReport,
} from '../../src/engine/space/purge-broken.ts'
import { tidySpace } from '../../src/engine/space/tidy-space.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory } from '../support/backup-story.ts'
import { compareTrees, describeTree } from '../support/describe-tree.ts'
import { indexRows } from '../support/index-rows.ts'
import { checked, flip, withSetOf } from '../support/run-check.ts'
import { runContext, testPassphrase, testSpace } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

const dayMs = 86_400_000
const root = '/home/ana/'

async function purged(
  story: BackupStory,
  changes: Partial<PurgeBrokenOrder> = {},
  faults: readonly Fault[] = [],
): Promise<PurgeBrokenReport> {
  const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), faults)
  const usual = { dryRun: false, isConfirmed: false, listed: 1000, deleteAfterMs: dayMs }
  const order = { ...usual, ...changes }
  const run = runContext({})
  await target.open({ create: false }, run.signal)
  try {
    const about = { set: story.backup.job([], { target }), run, dryRun: order.dryRun }
    return await withOpenSet(about, async (open) => {
      const report = await purgeBroken(open, order)
      if (!order.dryRun) await tidySpace(open, { ...testSpace, auto: true }, { versionsDeleted: true })
      return report
    })
  } finally {
    await target.close()
  }
}

async function broken(story: BackupStory): Promise<readonly BrokenVersion[]> {
  const run = runContext({})
  const report = await withSetOf(story, (set) => listBrokenFiles({ ...set, listed: Infinity }, run))
  return report.versions
}

/** Marked volumes have waited long enough: what is of no use any more goes. */
async function twoDaysLater(story: BackupStory): Promise<void> {
  const clock = { nowMs: () => Date.now() + 2 * dayMs, monotonicMs: () => performance.now() }
  const run = runContext({ clock })
  await withSetOf(story, (set) =>
    withOpenSet({ set, run }, (open) =>
      tidySpace(open, { ...testSpace, auto: true }, { versionsDeleted: true }),
    ),
  )
}

/** Of every version what is left after what was told as lost, and nothing that is broken. */
async function expectWhole(story: BackupStory, lost: ReadonlyMap<number, readonly string[]>): Promise<void> {
  expect(await broken(story)).toEqual([])
  for (const [at, version] of story.versions.entries()) {
    const out = join(tempFolder(), 'out')
    const number = story.versions.length - 1 - at
    // Damaged volumes are still there, and are told of.
    expect((await story.backup.restore(out, { version: { number } })).failed).toEqual([])
    const gone = lost.get(at) ?? []
    const left = version.entries.filter(({ path }) => !gone.includes(root + path))
    // Times, modes and owners may be lost.
    expect(compareTrees(left, out, { ignore: ['mode', 'mtimeNs', 'uid', 'gid'] })).toEqual([])
  }
  await twoDaysLater(story)
  await story.backup.check()
  await expectSameIndex(story)
}

/** An index that is built again from the destination says of entries and versions what this one says. */
async function expectSameIndex(story: BackupStory): Promise<void> {
  const before = entriesSaid(story)
  rmSync(join(story.folder, 'index'), { recursive: true })
  expect(await broken(story)).toEqual([])
  expect(entriesSaid(story)).toEqual(before)
}

function entriesSaid(story: BackupStory): string[] {
  return [...indexRows(story.backup.indexPath)].filter((line) => /^(entry|version) /.test(line)).sort()
}

/** By the place of the version in the story: what goes from it. */
function lostOf(report: PurgeBrokenReport, all: readonly number[]): Map<number, string[]> {
  return new Map(
    report.versions.map(({ timeMs, paths }) => [
      all.indexOf(timeMs),
      paths.filter(({ loss }) => loss === 'goes').map(({ path }) => path),
    ]),
  )
}

function timesOf(story: BackupStory): number[] {
  return story.backup.withIndex((index) => index.versions.all().map(({ timeMs }) => timeMs))
}

/** The volumes and the index, byte by byte and row by row. */
function stateOf(story: BackupStory): unknown {
  return {
    files: describeTree(story.backup.folder).slice(1),
    index: [...indexRows(story.backup.indexPath)].sort(),
  }
}

const harms: readonly { what: string; harm: (story: BackupStory, path: string) => unknown }[] = [
  { what: 'missing', harm: (_story, path) => rmSync(path) },
  { what: 'cut short', harm: (_story, path) => truncateSync(path, 500) },
  {
    what: 'damaged in one bit, as a test found,',
    harm: async (story, path) => {
      flip(path, 0.5)
      await checked(story)
    },
  },
]

const sets = [
  { name: 'an encrypted backup', passphrase: testPassphrase },
  { name: 'a plain backup', passphrase: undefined },
]

describe.each(sets)('in $name', ({ passphrase }) => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), passphrase, dayMs)
  })

  it.each(harms)(
    'what a dblock that is $what has lost goes, after a backup has healed the rest',
    async ({ harm }) => {
      const story = told.copy()
      await harm(story, story.path(story.versions[0]?.dblock ?? ''))
      await broken(story)
      await expect(purged(story)).rejects.toMatchObject({
        code: 'RemovalRefused',
        advice: expect.stringContaining('Run a backup first') as string,
      })
      await story.backUp()
      const before = stateOf(story)
      const preview = await purged(story, { dryRun: true })
      expect(stateOf(story)).toEqual(before)
      const times = timesOf(story)
      const report = await purged(story)
      expect(report).toMatchObject({ healable: 0, refused: undefined, waiting: 0 })
      expect(report.versions.map(({ paths }) => paths)).toEqual(preview.versions.map(({ paths }) => paths))
      const lost = lostOf(report, times)
      expect(lost.get(0)).toEqual([`${root}changing`, `${root}run 1/one block`])
      expect(lost.get(1)).toEqual([`${root}run 1/one block`])
      expect(lost.get(2)).toBeUndefined()
      story.backup.withIndex((index) => {
        const [first] = index.versions.all()
        const gaps = [...index.gaps.of(first?.id ?? 0)].filter(({ what }) => what.includes('taken out'))
        expect(gaps.map(({ path }) => path)).toEqual(lost.get(0))
      })
      await expectWhole(story, lost)
    },
  )

  it('a source that is gone for good: what is left stays, when a person says so', async () => {
    const story = told.copy()
    rmSync(story.path(story.versions[2]?.dblock ?? ''))
    await broken(story)
    const times = timesOf(story)
    const preview = await purged(story, { dryRun: true })
    expect(preview.healable).toBeGreaterThan(0)
    expect(preview.refused?.code).toBe('RemovalRefused')
    const shown = { ...preview, indexRebuilt: false, space: undefined, warnings: [] }
    expect(outcomeOfPurgeBroken(shown)).toBe('warnings')
    const text = purgeBrokenText(shown, { full: false })
    expect(text).toContain('run a backup first')
    expect(text).toContain(`${root}run 3/many blocks (40.0 KiB)`)
    const report = await purged(story, { isConfirmed: true })
    expect(report.versions).toHaveLength(1)
    const lost = lostOf(report, times)
    expect(lost.get(2)).toEqual(
      ['changing', 'run 3/link', 'run 3/many blocks', 'run 3/one block'].map((name) => root + name),
    )
    await expectWhole(story, lost)
    // The source has come back: what was taken out is stored as if it were new.
    const again = await story.backUp()
    expect(again.filesAdded).toBeGreaterThan(0)
    const out = join(tempFolder(), 'out')
    await story.backup.restore(out)
    expectSameTree(story.versions[2]?.entries ?? [], out)
  })

  it('finds nothing to do in a backup that is whole', async () => {
    const story = told.copy()
    const before = stateOf(story)
    expect(await purged(story)).toMatchObject({ versions: [], healable: 0 })
    expect(stateOf(story)).toEqual(before)
  })

  it('refuses to empty the newest full version, to change a pinned one, and to trust a new index', async () => {
    const story = told.copy()
    for (const { dblock } of story.versions) rmSync(story.path(dblock))
    // The first run builds the index again.
    await expect(purged(story)).rejects.toMatchObject({ code: 'RemovalRefused' })
    await expect(purged(story)).rejects.toMatchObject({ code: 'RemovalRefused' })
    const target = new LocalTarget({ folder: story.backup.folder })
    const { signal } = new AbortController()
    await target.open({ create: false }, signal)
    await pinVersion({ target, prefix: 'duplicati', version: { number: 1 } }, signal)
    await target.close()
    await expect(purged(story, { isConfirmed: true })).rejects.toMatchObject({ code: 'VersionPinned' })
    expect(readdirSync(story.backup.folder).filter((name) => name.includes('.dlist.'))).toHaveLength(3)
  })
})

describe('a purge of broken files that is interrupted', () => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), undefined, dayMs)
  })

  const moments = [
    ...(['before', 'middle', 'after'] as const).flatMap((at) =>
      [1, 2, 3].map((nth) => ({ verb: 'put' as const, at, nth })),
    ),
    ...(['before', 'after'] as const).map((at) => ({ verb: 'delete' as const, at, nth: 1 })),
  ]
  it.each(moments)('at $verb $nth, $at: the next one finishes it', async ({ verb, at, nth }) => {
    const story = told.copy()
    rmSync(story.path(story.versions[0]?.dblock ?? ''))
    await broken(story)
    await story.backUp()
    const times = timesOf(story)
    const preview = await purged(story, { dryRun: true })
    const fault: Fault = { verb, nth, effect: 'error', at, code: 'Cancelled' }
    // There may be fewer calls than that.
    const outcome = await purged(story, {}, [fault]).catch((error: unknown) => error)
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'Cancelled' })
    await purged(story)
    await expectWhole(story, lostOf(preview, times))
  })
})

describe('whatever was lost', () => {
  const seed = Number(process.env['PURGE_SEED'] ?? Math.floor(Math.random() * 1e9))
  it.each([0, 1])(`nothing is broken afterwards (PURGE_SEED=${seed}), story %i`, async (number) => {
    const chance = chanceFrom(seed + number)
    const story = await BackupStory.tell(tempFolder(), number % 2 === 0 ? undefined : testPassphrase, dayMs)
    for (let run = 4; run < 6; run += 1) {
      story.change(run)
      await story.backUp({ clock: { ...systemClock, nowMs: () => systemClock.nowMs() + (run - 3) * 60_000 } })
    }
    const volumes = story.names().filter((name) => name.includes('.dblock.'))
    for (const name of volumes.filter(() => chance() < 0.4)) {
      if (chance() < 0.5) rmSync(story.path(name))
      else flip(story.path(name), chance())
    }
    await checked(story)
    const preview = await purged(story, { dryRun: true, isConfirmed: true })
    if (preview.refused) {
      expect(preview.refused.code).toBe('LastFullVersion')
      return
    }
    await purged(story, { isConfirmed: true })
    expect(await broken(story)).toEqual([])
    await twoDaysLater(story)
    await story.backup.check()
    for (const [at] of timesOf(story).entries()) {
      const report = await story.backup.restore(join(tempFolder(), 'out'), { version: { number: at } })
      expect(report).toMatchObject({ failed: [], warnings: [] })
    }
    await expectSameIndex(story)
  })
})

/** Mulberry32: a number from 0 to 1, the same for the same seed. */
function chanceFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// Old versions are deleted and nothing else: what stays is sound and comes back, wherever a run was interrupted.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import {
  applyRetention,
  type RetentionPlan,
  type RetentionReport,
} from '../../src/engine/retention/apply-retention.ts'
import { pinVersion, unpinVersion } from '../../src/engine/retention/pins.ts'
import { retentionRules } from '../../src/engine/retention/retention-rules.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'
import { timeOf } from '../support/backup-story.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { runContext, TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2026, 0, 1, 13)

function at(nowMs: number): Clock {
  return { nowMs: () => nowMs, monotonicMs: () => performance.now() }
}

/** A backup of which every day has a version, and what each must come back as. */
class DailyBackup {
  readonly folder = tempFolder()
  readonly backup = new TestBackup(this.folder)
  readonly trees = new Map<number, readonly DescribedEntry[]>()
  nowMs = firstMs

  async day(
    number: number,
    retention?: RetentionPlan,
    changes: { readonly target?: Target } = {},
  ): ReturnType<TestBackup['backUp']> {
    this.nowMs = firstMs + number * dayMs
    const tree = join(this.folder, 'tree')
    mkdirSync(tree, { recursive: true })
    writeFileSync(join(tree, `day ${number}`), contentOf(`day ${number}`, 3000))
    writeFileSync(join(tree, 'changing'), contentOf(`changing ${number}`, 5000))
    rmSync(join(tree, `day ${number - 3}`), { force: true })
    this.trees.set(this.nowMs, describeTree(tree))
    return this.backup.backUp(tree, { clock: at(this.nowMs), changes: { retention, ...changes } })
  }

  async days(count: number): Promise<this> {
    for (let number = 0; number < count; number += 1) await this.day(number)
    return this
  }

  async thin(changes: Partial<RetentionPlan>, faults: readonly Fault[] = []): Promise<RetentionReport> {
    const target = new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), faults)
    return opened(target, async () => {
      const set = this.backup.job([], { target })
      const run = runContext({ clock: at(this.nowMs + 60_000) })
      const about = { set, run, dryRun: changes.dryRun ?? false }
      return withOpenSet(about, (open) => applyRetention(open, plan(changes)))
    })
  }

  async pins<T>(work: (target: Target, signal: AbortSignal) => Promise<T>): Promise<T> {
    const target = new LocalTarget({ folder: this.backup.folder })
    return opened(target, () => work(target, new AbortController().signal))
  }

  /** Ages in days of the versions at the destination, newest first. */
  ages(): number[] {
    const names = readdirSync(this.backup.folder).filter((name) => name.includes('.dlist.'))
    return names.map((name) => Math.round((this.nowMs - timeOf(name)) / dayMs)).sort((a, b) => a - b)
  }

  /** The backup is sound, its index agrees, and every version that is there comes back. */
  async expectWhole(): Promise<void> {
    await this.backup.check()
    const inIndex = this.backup.withIndex((index) => index.versions.all().map((one) => one.timeMs))
    expect(inIndex.map((timeMs) => Math.round((this.nowMs - timeMs) / dayMs)).reverse()).toEqual(this.ages())
    for (const age of this.ages()) {
      const atMs = this.nowMs - age * dayMs
      const out = join(tempFolder(), 'out')
      expect((await this.backup.restore(out, { version: { atMs } })).failed).toEqual([])
      expectSameTree(this.trees.get(atMs) ?? [], out)
    }
  }
}

async function opened<T>(target: Target, work: () => Promise<T>): Promise<T> {
  await target.open({ create: false }, new AbortController().signal)
  try {
    return await work()
  } finally {
    await target.close()
  }
}

function plan(changes: Partial<RetentionPlan>): RetentionPlan {
  return { rules: undefined, named: [], isConfirmed: true, timeZone: 'UTC', dryRun: false, ...changes }
}

function policy(retentionPolicy: string): Partial<RetentionPlan> {
  return { rules: retentionRules({ retentionPolicy, keepTime: undefined, keepVersions: undefined }) }
}

function keepVersions(count: number): Partial<RetentionPlan> {
  return { rules: retentionRules({ retentionPolicy: undefined, keepTime: undefined, keepVersions: count }) }
}

describe('old versions', () => {
  it('are thinned by a policy after each backup, and what stays comes back', async () => {
    const daily = new DailyBackup()
    const thinning = plan({ ...policy('2D:1D,2W:1W'), isConfirmed: false })
    for (let day = 0; day < 12; day += 1) expect((await daily.day(day, thinning)).warnings).toEqual([])
    expect(daily.ages()).toEqual([0, 1, 2, 7, 11])
    await daily.expectWhole()
  })

  it('go by name, the newest among them, and the next backup goes on from what is left', async () => {
    const daily = await new DailyBackup().days(5)
    const report = await daily.thin({ named: [{ number: 0 }, { number: 3 }] })
    expect(report.deletedMs.length).toBe(2)
    expect(daily.ages()).toEqual([1, 2, 4])
    await daily.expectWhole()
    await daily.day(5)
    expect(daily.ages()).toEqual([0, 2, 3, 5])
    await daily.expectWhole()
  })

  it('are the ones that a list showed, though the deletion finishes an interrupted version first', async () => {
    const daily = await new DailyBackup().days(3)
    const faults: Fault[] = [
      { verb: 'put', nameHolds: '.dlist.', effect: 'error', at: 'before', code: 'DestinationFull' },
    ]
    const target = new FaultyTarget(new LocalTarget({ folder: daily.backup.folder }), faults)
    await expect(daily.day(3, undefined, { target })).rejects.toMatchObject({ code: 'DestinationFull' })
    const report = await daily.thin({ named: [{ number: 2 }] })
    expect(report.deletedMs).toEqual([firstMs])
    expect(daily.ages()).toEqual([0, 1, 2])
  })

  it('are named with their reasons in a dry run, which changes nothing', async () => {
    const daily = await new DailyBackup().days(4)
    const before = readdirSync(daily.backup.folder)
    const report = await daily.thin({ ...keepVersions(1), isConfirmed: false, dryRun: true })
    expect(report.refused?.code).toBe('RemovalRefused')
    expect(report.verdicts.map(({ number, keep, reasons }) => [number, keep, reasons[0]?.why])).toEqual([
      [0, true, 'newest'],
      [1, false, 'keep-versions'],
      [2, false, 'keep-versions'],
      [3, false, 'keep-versions'],
    ])
    expect(readdirSync(daily.backup.folder)).toEqual(before)
    await daily.expectWhole()
  })

  it('stay when more than half would go and nobody said yes', async () => {
    const daily = await new DailyBackup().days(4)
    const report = await daily.day(4, plan({ ...keepVersions(1), isConfirmed: false }))
    expect(report.version).toBeDefined()
    expect(report.warnings).toEqual([
      expect.stringMatching(/4 of 5 versions would be deleted.*--confirm-removal/),
    ])
    expect(daily.ages()).toEqual([0, 1, 2, 3, 4])
  })

  it('stay in the run that built the index again', async () => {
    const daily = await new DailyBackup().days(4)
    rmSync(join(daily.folder, 'index'), { recursive: true })
    expect((await daily.thin(keepVersions(2))).refused?.what).toContain('built again')
    expect(daily.ages()).toEqual([0, 1, 2, 3])
    expect((await daily.thin(keepVersions(2))).refused).toBeUndefined()
    expect(daily.ages()).toEqual([0, 1])
    await daily.expectWhole()
  })

  it('stay when the last full one would be among them', async () => {
    const daily = await new DailyBackup().days(2)
    const report = await daily.thin({ named: [{ number: 0 }, { number: 1 }] })
    expect(report.refused?.code).toBe('LastFullVersion')
    expect(daily.ages()).toEqual([0, 1])
  })

  it('stay while they are pinned, and a pin outlives the index', async () => {
    const daily = await new DailyBackup().days(4)
    const version = { number: 3 }
    const job = { prefix: 'duplicati', version }
    await daily.pins((target, signal) => pinVersion({ ...job, target }, signal))
    const again = await daily.pins((target, signal) => pinVersion({ ...job, target }, signal))
    expect(again).toMatchObject({ isPinned: true, changed: false })
    rmSync(join(daily.folder, 'index'), { recursive: true })
    await daily.thin({})
    expect((await daily.thin({ named: [version] })).refused?.code).toBe('VersionPinned')
    await daily.thin(keepVersions(1))
    expect(daily.ages()).toEqual([0, 3])
    await daily.expectWhole()
    await daily.pins((target, signal) => unpinVersion({ ...job, version: { number: 1 }, target }, signal))
    await daily.thin(keepVersions(1))
    expect(daily.ages()).toEqual([0])
    await daily.expectWhole()
  })
})

describe('a deletion that is interrupted', () => {
  it.each(['before', 'after'] as const)(
    '%s the destination deleted goes on in the next run',
    async (moment) => {
      const daily = await new DailyBackup().days(5)
      const fault: Fault = {
        verb: 'delete',
        nameHolds: 'dlist',
        nth: 2,
        effect: 'error',
        at: moment,
        code: 'Cancelled',
      }
      await expect(daily.thin(keepVersions(2), [fault])).rejects.toMatchObject({ code: 'Cancelled' })
      expect(daily.ages()).toEqual(moment === 'before' ? [0, 1, 2, 3] : [0, 1, 2])
      await daily.backup.check()
      // Without any rules: what was begun is brought to its end.
      await daily.day(5)
      expect(daily.ages()).toEqual([0, 1, 2])
      await daily.expectWhole()
    },
  )

  it('before its second look has deleted nothing', async () => {
    const daily = await new DailyBackup().days(5)
    const fault: Fault = { verb: 'list', nth: 3, effect: 'short-list', keepShare: 0.2 }
    await expect(daily.thin(keepVersions(2), [fault])).rejects.toMatchObject({ code: 'DestinationFailed' })
    expect(daily.ages()).toEqual([0, 1, 2, 3, 4])
    await daily.thin({})
    expect(daily.ages()).toEqual([0, 1])
    await daily.expectWhole()
  })

  it('leaves the versions of a destination that only takes, is told of once, and tries again', async () => {
    const daily = await new DailyBackup().days(5)
    const fault: Fault = { verb: 'delete', effect: 'error', at: 'before', code: 'DestinationPermission' }
    expect(await daily.thin(keepVersions(2), [fault])).toMatchObject({ deletedMs: [], waiting: 3 })
    expect(daily.ages()).toEqual([0, 1, 2, 3, 4])
    await daily.expectWhole()
    expect(await daily.thin({})).toMatchObject({ waiting: 0 })
    expect(daily.ages()).toEqual([0, 1])
    await daily.expectWhole()
  })
})

describe('a backup', () => {
  it('has succeeded when its old versions cannot be deleted', async () => {
    const daily = await new DailyBackup().days(3)
    const target = new FaultyTarget(new LocalTarget({ folder: daily.backup.folder }), [
      { verb: 'delete', nameHolds: 'dlist', effect: 'error', at: 'before', code: 'DestinationFailed' },
    ])
    const tree = join(daily.folder, 'tree')
    writeFileSync(join(tree, 'more'), 'more')
    const retention = plan(keepVersions(2))
    const clock = at(daily.nowMs + dayMs)
    const report = await daily.backup.backUp(tree, { clock, changes: { target, retention } })
    expect(report.version).toBeDefined()
    expect(report.warnings).toEqual([expect.stringContaining('old versions were not deleted')])
  })
})

// Files are taken out of versions that are there, and nothing else is: what stays is sound and comes back, wherever a
// purge was interrupted.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { pinVersion } from '../../src/engine/retention/pins.ts'
import { anyPattern } from '../../src/engine/select/path-pattern.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import { purgeVersions, type PurgeOrder, type PurgeReport } from '../../src/engine/space/purge-versions.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { timeOf } from '../support/backup-story.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { fixturesFolder, fixturesMissing } from '../support/fixtures.ts'
import { indexRows } from '../support/index-rows.ts'
import { localSource, runContext, TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const firstMs = Date.UTC(2026, 0, 1, 13)

function at(nowMs: number): Clock {
  return { nowMs: () => nowMs, monotonicMs: () => performance.now() }
}

/** A backup of three versions, each with a secret, and what each holds. */
class SecretBackup {
  readonly folder = tempFolder()
  readonly backup = new TestBackup(this.folder, { passphrase: undefined })
  readonly tree = join(this.folder, 'tree')
  /** By place, oldest first. */
  readonly trees: (readonly DescribedEntry[])[] = []
  readonly #apartMs: number

  private constructor(apartMs: number) {
    this.#apartMs = apartMs
  }

  static async made(apartMs = 86_400_000): Promise<SecretBackup> {
    const made = new SecretBackup(apartMs)
    for (let number = 0; number < 3; number += 1) await made.day(number)
    return made
  }

  async day(number: number): ReturnType<TestBackup['backUp']> {
    mkdirSync(join(this.tree, 'private'), { recursive: true })
    writeFileSync(join(this.tree, `day ${number}`), contentOf(`day ${number}`, 3000))
    writeFileSync(join(this.tree, 'private', 'secret'), contentOf(`secret ${number > 0}`, 5000))
    writeFileSync(join(this.tree, 'private', `of ${number}`), contentOf(`of ${number}`, 50))
    this.trees.push(describeTree(this.tree))
    return this.backup.backUp([{ ...localSource(this.tree), mountPath: '/home/ana' }], {
      clock: at(firstMs + number * this.#apartMs),
    })
  }

  async purge(
    pattern: string,
    changes: Partial<PurgeOrder> = {},
    faults: readonly Fault[] = [],
  ): Promise<PurgeReport> {
    const target = new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), faults)
    const order = { matches: anyPattern([pattern]), versions: [], dryRun: false, ...changes }
    const run = runContext({ clock: at(firstMs + 7 * 86_400_000) })
    await target.open({ create: false }, run.signal)
    try {
      const about = { set: this.backup.job([], { target }), run, dryRun: order.dryRun }
      const report = await withOpenSet(about, (open) => purgeVersions(open, order))
      expect(target.script.unused).toEqual([])
      return report
    } finally {
      await target.close()
    }
  }

  /** Times of the versions at the destination, in seconds after the time at which they were made, oldest first. */
  times(): number[] {
    const names = readdirSync(this.backup.folder).filter((name) => name.includes('.dlist.'))
    const times = names.map(timeOf).sort((a, b) => a - b)
    return times.map((timeMs) => ((timeMs - firstMs) % this.#apartMs) / 1000)
  }

  /** Sound; each version comes back, those at `places` without what was purged; a rebuild says what the index says. */
  async expectWhole(places: readonly number[], isGone: (path: string) => boolean): Promise<void> {
    await this.backup.check()
    for (const [place, tree] of this.trees.entries()) {
      const out = join(tempFolder(), 'out')
      const version = { number: this.trees.length - 1 - place }
      expect((await this.backup.restore(out, { version })).failed).toEqual([])
      expectSameTree(
        tree.filter(({ path }) => !places.includes(place) || !isGone(path)),
        out,
      )
    }
    const before = indexRows(this.backup.indexPath)
    rmSync(join(this.folder, 'index'), { recursive: true })
    await expect(this.purge('/nothing')).rejects.toMatchObject({ code: 'NothingMatches' })
    expect(indexRows(this.backup.indexPath)).toEqual(before)
  }
}

const isSecret = (path: string): boolean => path === 'private/secret'

describe('a purge', () => {
  it('takes a file out of every version, each a second later, and the next backup goes on', async () => {
    const made = await SecretBackup.made()
    const report = await made.purge('/home/ana/private/secret')
    expect(report).toMatchObject({ pathCount: 1, paths: ['/home/ana/private/secret'], waiting: 0 })
    expect(report.versions.map(({ entries, bytes }) => [entries, bytes])).toEqual(
      Array.from({ length: 3 }, () => [1, 5000]),
    )
    expect(made.times()).toEqual([1, 1, 1])
    await made.expectWhole([0, 1, 2], isSecret)
    await made.day(3)
    expect(made.times()).toEqual([1, 1, 1, 0])
    await made.expectWhole([0, 1, 2], isSecret)
  })

  it.each([0, 1, 2])('takes a folder out of one version only: number %i', async (number) => {
    const made = await SecretBackup.made()
    const report = await made.purge('/home/ana/private', { versions: [{ number }] })
    expect(report.versions).toHaveLength(1)
    await made.expectWhole([2 - number], (path) => path.startsWith('private'))
  })

  it('keeps the gaps of a version, and its being partial', async () => {
    const made = await SecretBackup.made()
    const gap = { path: '/home/ana/locked', code: 'SourceEntryDenied', what: 'it is locked' }
    made.backup.withIndex((index) => {
      for (const { id } of index.versions.all()) index.gaps.add(id, gap)
      index.database.execute('UPDATE version SET is_full = 0 WHERE id = 2')
    })
    await made.purge('secret')
    await made.expectWhole([0, 1, 2], isSecret)
    made.backup.withIndex((index) => {
      const versions = index.versions.all()
      expect(versions.map(({ isFull }) => isFull)).toEqual([true, false, true])
      for (const { id } of versions) expect([...index.gaps.of(id)]).toEqual([gap])
    })
  })

  it('finds a time where versions lie a second apart', async () => {
    const made = await SecretBackup.made(1000)
    const report = await made.purge('secret')
    const seconds = report.versions.map(({ newTimeMs = 0 }) => (newTimeMs - firstMs) / 1000)
    expect(new Set(seconds).size).toBe(3)
    expect(seconds).toEqual(seconds.toSorted((a, b) => b - a))
    await made.expectWhole([0, 1, 2], isSecret)
  })

  it('says in a dry run what would go, and changes nothing', async () => {
    const made = await SecretBackup.made()
    const report = await made.purge('/home/ana/private', { dryRun: true })
    expect(report.paths).toEqual([
      '/home/ana/private/',
      ...['of 0', 'of 1', 'of 2', 'secret'].map((name) => `/home/ana/private/${name}`),
    ])
    expect(report.versions.map(({ entries, newTimeMs }) => [entries, newTimeMs])).toEqual([
      [5, undefined],
      [4, undefined],
      [3, undefined],
    ])
    expect(made.times()).toEqual([0, 0, 0])
    await made.expectWhole([], isSecret)
  })

  it('changes nothing when a version would be left empty, is pinned, or the index was just built again', async () => {
    const made = await SecretBackup.made()
    await expect(made.purge('/home/ana')).rejects.toMatchObject({ code: 'RemovalRefused' })
    const target = new LocalTarget({ folder: made.backup.folder })
    const pin = { target, prefix: 'duplicati', version: { number: 1 } }
    await target.open({ create: false }, new AbortController().signal)
    await pinVersion(pin, new AbortController().signal)
    await target.close()
    await expect(made.purge('secret')).rejects.toMatchObject({ code: 'VersionPinned' })
    rmSync(join(made.folder, 'index'), { recursive: true })
    await expect(made.purge('secret', { versions: [{ number: 0 }] })).rejects.toMatchObject({
      code: 'RemovalRefused',
    })
    expect(made.times()).toEqual([0, 0, 0])
    await made.expectWhole([], isSecret)
  })
})

describe('a purge that is interrupted', () => {
  const moments = [
    ...(['before', 'middle', 'after'] as const).flatMap((moment) =>
      [1, 2].map((nth) => ({ verb: 'put' as const, moment, nth })),
    ),
    ...(['before', 'after'] as const).map((moment) => ({ verb: 'delete' as const, moment, nth: 2 })),
  ]
  it.each(moments)('at $verb $nth, $moment: no version suffers, and it can be finished', async (about) => {
    const made = await SecretBackup.made()
    const { verb, moment, nth } = about
    const fault: Fault = { verb, nameHolds: 'dlist', nth, effect: 'error', at: moment, code: 'Cancelled' }
    await expect(made.purge('secret', {}, [fault])).rejects.toMatchObject({ code: 'Cancelled' })
    await made.backup.check({ cutOff: true })
    for (const number of [0, 1, 2]) {
      const out = join(tempFolder(), 'out')
      expect((await made.backup.restore(out, { version: { number } })).failed).toEqual([])
    }
    await made.day(3)
    await made.purge('secret')
    expect(made.times()).toHaveLength(4)
    await made.expectWhole([0, 1, 2, 3], isSecret)
  })

  it('leaves the old lists of a destination that only takes, and says so', async () => {
    const made = await SecretBackup.made()
    const fault: Fault = { verb: 'delete', effect: 'error', at: 'before', code: 'DestinationPermission' }
    expect(await made.purge('secret', {}, [fault])).toMatchObject({ waiting: 3 })
    expect(made.times()).toEqual([0, 1, 0, 1, 0, 1])
    await made.backup.check()
    // The next backup is allowed to.
    await made.day(3)
    expect(made.times()).toEqual([1, 1, 1, 0])
    await made.expectWhole([0, 1, 2], isSecret)
  })

  it('deletes no old list when its second look does not find the new ones', async () => {
    const made = await SecretBackup.made()
    const fault: Fault = { verb: 'list', nth: 2, effect: 'short-list', keepShare: 0.2 }
    await expect(made.purge('secret', {}, [fault])).rejects.toMatchObject({ code: 'DestinationFailed' })
    expect(made.times()).toEqual([0, 1, 0, 1, 0, 1])
    await made.day(3)
    await made.expectWhole([0, 1, 2], isSecret)
  })
})

describe.skipIf(fixturesMissing())('a backup of stock Duplicati', () => {
  it('loses what was purged, and every version still comes back', async () => {
    const folder = tempFolder()
    const backup = new TestBackup(folder, { passphrase: undefined })
    cpSync(join(fixturesFolder, 'plain-small-blocks', 'backup'), backup.folder, { recursive: true })
    const target = new LocalTarget({ folder: backup.folder })
    const run = runContext({})
    const purge = async (): Promise<PurgeReport> => {
      await target.open({ create: false }, run.signal)
      const order = { matches: anyPattern(['*.txt']), versions: [], dryRun: false }
      return withOpenSet({ set: backup.job([], { target }), run }, (open) => purgeVersions(open, order))
    }
    // The first run builds the index, and may not change anything.
    await expect(purge()).rejects.toMatchObject({ code: 'RemovalRefused' })
    const report = await purge()
    expect(report.versions).toHaveLength(3)
    await expectSound(backup.folder, { written: 'stock' })
    for (const number of [0, 1, 2]) {
      const out = join(tempFolder(), 'out')
      expect(await backup.restore(out, { version: { number } })).toMatchObject({ failed: [], warnings: [] })
      expect(describeTree(out).filter(({ path }) => path.endsWith('.txt'))).toEqual([])
    }
  })
})

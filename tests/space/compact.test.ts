// Space is given back and nothing else: every version that is there stays whole, wherever a compaction or the deletion
// that follows it a day later was interrupted.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { deleteVersions } from '../../src/engine/retention/delete-versions.ts'
import { withOpenSet, type OpenSet } from '../../src/engine/set/open-set.ts'
import { compactSet, type CompactReport } from '../../src/engine/space/compact-set.ts'
import { deleteDue, type DeletedVolumes } from '../../src/engine/space/delete-due.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { indexRows } from '../support/index-rows.ts'
import { localSource, runContext, TestBackup, testSpace } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const dayMs = 86_400_000
const firstMs = Date.UTC(2026, 0, 1, 13)

/** Two small volumes are merged: each version of the tree below makes one. */
const order = { ...testSpace, rules: { ...testSpace.rules, smallFileMaxCount: 1 }, dryRun: false }

interface Tidied {
  readonly compacted: CompactReport
  readonly deleted: DeletedVolumes
  readonly warnings: readonly string[]
}

/** Four versions, of which the oldest is deleted: its volume is partly waste, and all volumes are small. */
class ThinnedBackup {
  readonly folder = tempFolder()
  readonly backup = new TestBackup(this.folder, { passphrase: undefined })
  readonly tree = join(this.folder, 'tree')
  /** Oldest first. */
  readonly trees: (readonly DescribedEntry[])[] = []
  nowMs = firstMs

  static async made(): Promise<ThinnedBackup> {
    const made = new ThinnedBackup()
    for (let number = 0; number < 4; number += 1) await made.day(number)
    await made.opened((open) => deleteVersions(open, [open.index.versions.all()[0]?.dlistId ?? 0]))
    made.trees.shift()
    return made
  }

  async day(number: number): ReturnType<TestBackup['backUp']> {
    this.nowMs += dayMs
    mkdirSync(this.tree, { recursive: true })
    writeFileSync(join(this.tree, `stays ${number}`), contentOf(`stays ${number}`, 5000))
    writeFileSync(join(this.tree, 'changing'), contentOf(`changing ${number}`, 9000))
    this.trees.push(describeTree(this.tree))
    return this.backUp()
  }

  backUp(): ReturnType<TestBackup['backUp']> {
    const sources = [{ ...localSource(this.tree), mountPath: '/home/ana' }]
    return this.backup.backUp(sources, { clock: this.clock() })
  }

  clock(): Clock {
    return { nowMs: () => this.nowMs, monotonicMs: () => performance.now() }
  }

  async opened<T>(work: (open: OpenSet) => Promise<T>, faults: readonly Fault[] = []): Promise<T> {
    const target = new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), faults)
    const run = runContext({ clock: this.clock() })
    await target.open({ create: false }, run.signal)
    try {
      return await withOpenSet({ set: this.backup.job([], { target }), run }, work)
    } finally {
      await target.close()
      expect(target.script.unused).toEqual([])
    }
  }

  async tidy(faults: readonly Fault[] = []): Promise<Tidied> {
    const work = async (open: OpenSet): Promise<Tidied> => {
      const compacted = await compactSet(open, order)
      return { compacted, deleted: await deleteDue(open), warnings: open.warnings }
    }
    return this.opened(work, faults)
  }

  async tidyForDays(count: number): Promise<void> {
    for (let day = 0; day < count; day += 1) {
      await this.tidy()
      this.nowMs += dayMs
    }
    await this.tidy()
  }

  /** How many there are of each kind. */
  counts(): { dblock: number; dindex: number } {
    const count = (kind: string): number =>
      readdirSync(this.backup.folder).filter((name) => name.includes(`.${kind}.`)).length
    return { dblock: count('dblock'), dindex: count('dindex') }
  }

  async expectVersions(): Promise<void> {
    for (const [place, tree] of this.trees.entries()) {
      const out = join(tempFolder(), 'out')
      const version = { number: this.trees.length - 1 - place }
      expect(await this.backup.restore(out, { version })).toMatchObject({ failed: [], warnings: [] })
      expectSameTree(tree, out)
    }
  }

  /** Sound, with nothing in it that is not needed; the index says what a new one says; nothing is stored again. */
  async expectTidy(): Promise<void> {
    const { blocks } = await this.backup.check()
    expect(blocks).toMatchObject({ unused: 0, duplicates: 0 })
    expect(this.counts()).toEqual({ dblock: 1, dindex: 1 })
    await this.expectVersions()
    const before = indexRows(this.backup.indexPath)
    rmSync(join(this.folder, 'index'), { recursive: true })
    await this.opened(async ({ indexRebuilt }) => expect(indexRebuilt).toBe(true))
    expect(indexRows(this.backup.indexPath)).toEqual(before)
    expect(await this.backUp()).toMatchObject({ version: undefined, newBlocks: 0 })
  }
}

describe('a compaction', () => {
  it('writes what is needed into new volumes, and a day later the old ones are gone', async () => {
    const made = await ThinnedBackup.made()
    const { compacted, deleted } = await made.tidy()
    expect(compacted).toMatchObject({ unreadable: [], deleteFromMs: made.nowMs + dayMs })
    expect(compacted.rewritten.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['wasteful', 'small']),
    )
    expect(compacted.rewritten).toHaveLength(4)
    expect(deleted).toEqual({ files: 0, bytes: 0, waiting: 8 })
    expect(made.counts()).toEqual({ dblock: 5, dindex: 5 })
    await made.backup.check()
    await made.expectVersions()
    made.nowMs += dayMs
    expect((await made.tidy()).deleted).toMatchObject({ files: 8, waiting: 0 })
    // Forgets the names once they are seen to be gone.
    await made.tidy()
    await made.expectTidy()
  })

  it('is forgotten with the index, and nothing is deleted in the run that builds that again', async () => {
    const made = await ThinnedBackup.made()
    await made.tidy()
    rmSync(join(made.folder, 'index'), { recursive: true })
    made.nowMs += dayMs
    expect((await made.tidy()).deleted.files).toBe(0)
    await made.tidyForDays(2)
    await made.backup.check()
    await made.expectVersions()
  })

  it('leaves a volume that is damaged where it is, and takes what it can of the others', async () => {
    const made = await ThinnedBackup.made()
    const names = readdirSync(made.backup.folder).filter((name) => name.includes('.dblock.'))
    const damaged = join(made.backup.folder, names[0] ?? '')
    writeFileSync(damaged, readFileSync(damaged).fill(0))
    const { compacted } = await made.tidy()
    expect(compacted.unreadable.map(({ name }) => name)).toEqual([names[0]])
    expect(compacted.rewritten).toHaveLength(3)
    made.nowMs += dayMs
    await made.tidy()
    expect(readdirSync(made.backup.folder)).toContain(names[0])
  })

  it('is refused while a file list is there that cannot be read: nobody knows what it needs', async () => {
    const made = await ThinnedBackup.made()
    const [dlist = ''] = readdirSync(made.backup.folder).filter((name) => name.includes('.dlist.'))
    const path = join(made.backup.folder, dlist)
    const whole = readFileSync(path)
    writeFileSync(path, Buffer.from(whole).fill(0, 50))
    rmSync(join(made.folder, 'index'), { recursive: true })
    await expect(made.tidy()).rejects.toMatchObject({ code: 'FileListUnknown', subject: dlist })
    made.nowMs += 2 * dayMs
    await expect(made.tidy()).rejects.toMatchObject({ code: 'FileListUnknown', subject: dlist })
    expect(made.counts()).toEqual({ dblock: 4, dindex: 4 })
    writeFileSync(path, whole)
    await made.expectVersions()
  })
})

describe('a compaction that is interrupted', () => {
  const compacting: Fault[] = (['before', 'after'] as const).flatMap((at) => [
    {
      verb: 'get',
      nameHolds: 'dblock',
      nth: at === 'before' ? 1 : 2,
      effect: 'error',
      at,
      code: 'Cancelled',
    },
    { verb: 'put', nameHolds: 'dblock', effect: 'error', at, code: 'Cancelled' },
    { verb: 'put', nameHolds: 'dindex', effect: 'error', at, code: 'Cancelled' },
  ])
  it.each(compacting)('while it writes, at $verb $nameHolds, $at, harms no version', async (fault) => {
    const made = await ThinnedBackup.made()
    await expect(made.tidy([fault])).rejects.toMatchObject({ code: 'Cancelled' })
    await made.backup.check({ cutOff: true })
    await made.expectVersions()
    await made.tidyForDays(3)
    await made.expectTidy()
  })

  const deleting: Fault[] = (['before', 'after'] as const).flatMap((at) =>
    (['dindex', 'dblock'] as const).map((nameHolds) => {
      return { verb: 'delete', nameHolds, nth: 2, effect: 'error', at, code: 'Cancelled' } as const
    }),
  )
  it.each(deleting)('while it deletes, at $verb $nameHolds, $at, harms no version', async (fault) => {
    const made = await ThinnedBackup.made()
    await made.tidy()
    made.nowMs += dayMs
    await expect(made.tidy([fault])).rejects.toMatchObject({ code: 'Cancelled' })
    // An index is never left behind that speaks of a volume which is gone.
    await made.backup.check({ cutOff: true })
    await made.expectVersions()
    await made.tidy()
    await made.tidy()
    await made.expectTidy()
  })

  it('deletes nothing when its second look finds a needed volume missing', async () => {
    const made = await ThinnedBackup.made()
    await made.tidy()
    made.nowMs += dayMs
    const fault: Fault = { verb: 'list', nth: 2, effect: 'short-list', keepShare: 0.1 }
    await expect(made.tidy([fault])).rejects.toMatchObject({ code: 'DestinationChanged' })
    expect(made.counts()).toEqual({ dblock: 5, dindex: 5 })
    await made.expectVersions()
  })

  it('waits at a destination that only takes, and says so once', async () => {
    const made = await ThinnedBackup.made()
    await made.tidy()
    made.nowMs += dayMs
    const fault: Fault = { verb: 'delete', effect: 'error', at: 'before', code: 'DestinationPermission' }
    const { warnings, deleted } = await made.tidy([fault])
    expect(warnings).toEqual([expect.stringContaining('lets nothing be deleted')])
    expect(deleted).toEqual({ files: 0, bytes: 0, waiting: 8 })
    await made.backup.check()
    await made.expectVersions()
    await made.tidy()
    await made.tidy()
    await made.expectTidy()
  })
})

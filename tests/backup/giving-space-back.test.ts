// Deleting old versions gives their space back: what nobody needs goes, what is needed moves, and at no moment is a
// block that a version needs in no volume.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { BackupReport } from '../../src/engine/backup/backup-job.ts'
import { retentionRules } from '../../src/engine/retention/retention-rules.ts'
import type { SpacePlan } from '../../src/engine/space/tidy-space.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target } from '../../src/targets/target.ts'
import { namesIn } from '../support/backup-story.ts'
import { TestBackup, testSpace } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const hourMs = 3_600_000
const startMs = Date.parse('2026-02-02T10:00:00Z')
const space: SpacePlan = { ...testSpace, auto: true }

class Scene {
  readonly backup = new TestBackup(tempFolder())
  readonly tree = new MemoryTree()
  #hours = 0

  wait(hours: number): void {
    this.#hours += hours
  }

  /** A run an hour after the last, which keeps so many versions. */
  async run(keepVersions?: number, target?: Target): Promise<BackupReport> {
    this.wait(1)
    const nowMs = startMs + this.#hours * hourMs
    const rules = retentionRules({ keepVersions, keepTime: undefined, retentionPolicy: undefined })
    const retention = { rules, named: [], isConfirmed: true, timeZone: 'UTC', dryRun: false }
    const source = { source: new MemorySource(this.tree), mountPath: '/machine' }
    return this.backup.backUp([source], {
      clock: { nowMs: () => nowMs, monotonicMs: () => nowMs - startMs },
      changes: {
        space,
        allowRemoval: true,
        retention: keepVersions === undefined ? undefined : retention,
        ...(target ? { target } : {}),
      },
    })
  }

  /** Versions whose files come and go, each in a volume of its own; one file stays for ever. */
  async tell(versions: number): Promise<void> {
    this.tree.writeFile('stays', contentOf('stays', 3000))
    for (let number = 1; number <= versions; number += 1) {
      this.tree.writeFile('kept of each', contentOf(`kept ${number}`, 20_000))
      this.tree.writeFile(`only ${number}`, contentOf(`only ${number}`, 60_000))
      if (number > 1) this.tree.remove(`only ${number - 1}`)
      await this.run()
    }
  }

  blockVolumes(): string[] {
    return namesIn(this.backup.folder).filter((name) => name.includes('.dblock.'))
  }

  faulty(fault: Fault): Target {
    return new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), [fault])
  }

  /** Sound, everything restores, and an index built anew agrees with what is there. */
  async expectWell(versions: number): Promise<void> {
    const checked = await this.backup.check()
    expect(checked.versions).toHaveLength(versions)
    for (let number = 0; number < versions; number += 1) {
      const report = await this.backup.restore(join(tempFolder(), 'out'), { version: { number } })
      expect(report).toMatchObject({ failed: [], warnings: [], files: 3 })
    }
  }
}

it('what only deleted versions needed goes a day later, and not before', async () => {
  const scene = new Scene()
  await scene.tell(4)
  const before = scene.blockVolumes()
  const thinned = await scene.run(1)
  expect(thinned.retention?.deletedMs).toHaveLength(3)
  expect(thinned).toMatchObject({ warnings: [], space: { deleted: { files: 0 } } })
  expect(thinned.space?.compacted?.dropped.length).toBeGreaterThan(0)
  expect(scene.blockVolumes()).toEqual(expect.arrayContaining(before))
  await scene.expectWell(1)
  expect((await scene.run()).space?.deleted.files).toBe(0)
  scene.wait(24)
  const later = await scene.run()
  expect(later.space?.deleted.files).toBeGreaterThan(0)
  expect(scene.blockVolumes().length).toBeLessThan(before.length)
  await scene.expectWell(1)
  rmSync(scene.backup.indexPath)
  expect(await scene.run()).toMatchObject({
    indexRebuilt: true,
    version: undefined,
    filesRead: 0,
    uploadedFiles: 0,
  })
})

it('what is needed of wasteful volumes moves to new ones before they go', async () => {
  const scene = new Scene()
  const { tree } = scene
  for (const name of ['a', 'b']) {
    tree.writeFile(`stays ${name}`, contentOf(`stays ${name}`, 30_000))
    tree.writeFile('goes', contentOf(`goes ${name}`, name === 'a' ? 60_000 : 61_000))
    await scene.run()
  }
  tree.writeFile('goes', 'now short')
  await scene.run()
  const before = scene.blockVolumes()
  const { space: done } = await scene.run(1)
  expect(done?.compacted?.rewritten.map(({ reason }) => reason)).toEqual(['wasteful', 'wasteful', 'small'])
  expect(done?.compacted?.writtenBytes).toBeLessThan(done?.compacted?.freedBytes ?? 0)
  await scene.expectWell(1)
  scene.wait(24)
  await scene.run()
  expect(scene.blockVolumes().filter((name) => before.includes(name))).toEqual([])
  await scene.expectWell(1)
})

it.each([
  { verb: 'put', nameHolds: '.dblock.', nth: 1, at: 'before' },
  { verb: 'put', nameHolds: '.dindex.', nth: 1, at: 'after' },
  { verb: 'get', nameHolds: '.dblock.', nth: 1, at: 'middle' },
] as const)(
  'a compaction that fails ($verb $nameHolds $at) is a warning, and the next finishes',
  async (fault) => {
    const scene = new Scene()
    const { tree } = scene
    for (const name of ['a', 'b', 'c']) {
      tree.writeFile(`stays ${name}`, contentOf(`stays ${name}`, 30_000))
      tree.writeFile(
        'goes',
        name === 'c' ? 'short' : contentOf(`goes ${name}`, name === 'a' ? 60_000 : 61_000),
      )
      await scene.run()
    }
    tree.remove('stays c')
    tree.writeFile('goes', 'now short')
    const failing = scene.faulty({ ...fault, effect: 'error', code: 'DestinationFull' })
    // Nothing is left for the run itself to write, so that the fault meets the compaction.
    await scene.run()
    const troubled = await scene.run(1, failing)
    expect(troubled.warnings).toEqual([expect.stringMatching(/^space was not given back/) as string])
    await scene.backup.check({ cutOff: true })
    tree.writeFile('goes', 'shorter')
    const next = await scene.run(1)
    expect(next.warnings).toEqual([])
    scene.wait(24)
    await scene.run(1)
    await scene.expectWell(1)
  },
)

it('a destination that lets nothing be deleted is told once, and nothing is forgotten', async () => {
  const scene = new Scene()
  await scene.tell(3)
  await scene.run(1)
  scene.wait(24)
  const before = namesIn(scene.backup.folder)
  const locked = scene.faulty({
    verb: 'delete',
    effect: 'error',
    at: 'before',
    code: 'DestinationPermission',
  })
  const report = await scene.run(undefined, locked)
  expect(report.warnings).toEqual([expect.stringContaining('lets nothing be deleted') as string])
  expect(namesIn(scene.backup.folder)).toEqual(before)
  expect((await scene.run()).space?.deleted.files).toBeGreaterThan(0)
  await scene.expectWell(1)
})

it('a dindex goes before its dblock; whoever dies between leaves a backup that is sound', async () => {
  const scene = new Scene()
  await scene.tell(3)
  await scene.run(1)
  scene.wait(24)
  const dying = scene.faulty({
    verb: 'delete',
    nameHolds: '.dblock.',
    effect: 'error',
    at: 'before',
    code: 'DestinationFailed',
  })
  expect((await scene.run(undefined, dying)).warnings).toHaveLength(1)
  await scene.backup.check({ cutOff: true })
  expect((await scene.run()).space?.deleted.files).toBeGreaterThan(0)
  await scene.expectWell(1)
})

it('nothing is deleted in a run that built the index again, or when somebody else writes there', async () => {
  const scene = new Scene()
  await scene.tell(3)
  await scene.run(1)
  scene.wait(24)
  rmSync(scene.backup.indexPath)
  const before = scene.blockVolumes()
  const report = await scene.run()
  expect(report).toMatchObject({ indexRebuilt: true, space: { deleted: { files: 0 } } })
  expect(scene.blockVolumes()).toEqual(before)
  writeFileSync(join(scene.backup.folder, 'unrelated.txt'), 'left alone')
  await scene.run()
  expect(namesIn(scene.backup.folder)).toContain('unrelated.txt')
})

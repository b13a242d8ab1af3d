// Damage after the fact: a volume that is cut, changed, missing, or in another one's place. It costs the files that
// need it, which are named, and no others; nothing wrong gets a name; a version whose list is lost is told of.
import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPullbackError, PullbackError } from '../../src/base/errors.ts'
import { listVersions, type VersionSummary } from '../../src/engine/browse/list-versions.ts'
import type { RestoreReport } from '../../src/engine/restore/restore-job.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory, timeOf } from '../support/backup-story.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { blocksWithContent, forgeVolume, lyingDindex } from '../support/forged-volumes.ts'
import { runContext, testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'
import { telling } from '../support/watched-target.ts'

type Kind = 'dblock' | 'dindex' | 'dlist'

interface Harm {
  readonly name: string
  /** To the volume of a kind that the first run added. */
  readonly apply: (story: BackupStory, kind: Kind) => void
  /** It costs everything that only this volume holds. */
  readonly total: boolean
}

const harms: readonly Harm[] = [
  {
    name: 'cut in half',
    apply: (story, kind) => truncateSync(pathOf(story, kind), statSync(pathOf(story, kind)).size >> 1),
    total: true,
  },
  { name: 'cut to nothing', apply: (story, kind) => truncateSync(pathOf(story, kind), 0), total: true },
  { name: 'missing', apply: (story, kind) => rmSync(pathOf(story, kind)), total: true },
  {
    name: 'replaced by garbage of its length',
    apply: (story, kind) => {
      const { length } = readFileSync(pathOf(story, kind))
      writeFileSync(pathOf(story, kind), contentOf('garbage', length))
    },
    total: true,
  },
  {
    name: 'replaced by the one of another run',
    apply: (story, kind) => copyFileSync(pathOf(story, kind, 1), pathOf(story, kind)),
    total: true,
  },
  ...[0.03, 0.5, 0.999].map((share) => ({
    name: `changed in one bit at ${share} of its length`,
    apply: (story: BackupStory, kind: Kind) => flip(pathOf(story, kind), share),
    total: false,
  })),
]

const sets = [
  { name: 'an encrypted backup', passphrase: testPassphrase },
  { name: 'a plain backup', passphrase: undefined },
]

describe.each(sets)('in $name', ({ passphrase }) => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), passphrase)
  })

  it.each(harms)('a dblock $name costs the files that need it, and no others', async ({ apply, total }) => {
    const story = told.copy()
    apply(story, 'dblock')
    const { report, out } = await restored(story)
    const lost = expectOnlyTruth(story, report, out)
    const ofFirstRun = (path: string): boolean => path.startsWith('run 1/') && path !== 'run 1/empty'
    const mayBeLost = paths(story).filter(ofFirstRun)
    if (total) expect(lost).toEqual(mayBeLost)
    else expect(mayBeLost).toEqual(expect.arrayContaining(lost))
    for (const { error } of report.failed) {
      expect(['VolumeDamaged', 'BlockDamaged', 'BlockMissing', 'DestinationFileMissing']).toContain(
        error.code,
      )
      expect(error.what).toMatch(/\S/)
    }
  })

  it.each(harms)('a dindex $name costs nothing', async ({ apply }) => {
    const story = told.copy()
    apply(story, 'dindex')
    await story.expectVersions([2])
  })

  it('dindexes that are all missing cost nothing', async () => {
    const story = told.copy()
    for (const { dindex } of story.versions) rmSync(story.path(dindex))
    await story.expectVersions([2])
  })

  it.each(harms)('a dlist $name costs its version, which is told, and no other', async ({ apply, name }) => {
    const story = told.copy()
    apply(story, 'dlist')
    await story.expectVersions([2])
    const summaries = await summariesOf(story)
    const oldest = summaries.find(({ timeMs }) => timeMs === timeOf(story.versions[0]?.dlist ?? ''))
    if (name === 'missing') {
      expect(summaries).toHaveLength(2)
      return
    }
    expect(summaries).toHaveLength(3)
    const out = join(tempFolder(), 'out')
    const restoring = story.backup.restore(out, { version: { number: 2 } })
    if (name === 'replaced by the one of another run' || (await isStillWhole(summaries[2]))) {
      expect((await restoring).failed).toEqual([])
      return
    }
    const { dlist } = story.versions[0] ?? {}
    const damage = { code: 'VolumeDamaged', subject: dlist, what: expect.stringContaining(dlist ?? '') }
    expect(oldest?.contents).toMatchObject(damage)
    await expect(restoring).rejects.toMatchObject(damage)
    expect(() => describeTree(out)).toThrow('ENOENT')
  })

  it('two dblocks in each other’s place cost only what those two hold', async () => {
    const story = told.copy()
    const [first, second] = [pathOf(story, 'dblock', 0), pathOf(story, 'dblock', 1)]
    renameSync(first, `${first}-aside`)
    renameSync(second, first)
    renameSync(`${first}-aside`, second)
    const { report, out } = await restored(story)
    const lost = expectOnlyTruth(story, report, out)
    expect(lost.filter((path) => path.startsWith('run 3/') || path === 'changing')).toEqual([])
  })

  it.each([
    { name: 'that speaks for another dblock', lie: 'others' as const },
    { name: 'that names blocks which are nowhere', lie: 'nowhere' as const },
    { name: 'that names no blocks', lie: 'none' as const },
    { name: 'that speaks of a missing dblock', lie: 'missing' as const },
  ])('a dindex $name costs nothing', async ({ lie }) => {
    const story = told.copy()
    const [first, second] = story.versions
    if (!first || !second) expect.fail('the story has versions')
    await lyingDindex(story, { dindex: first.dindex, dblock: first.dblock, other: second, lie })
    await story.expectVersions([0, 2])
  })

  it('what ends a look into every dblock ends the restore, and nothing is called lost for it', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    if (!first || !second) expect.fail('the story has versions')
    await lyingDindex(story, { dindex: first.dindex, dblock: first.dblock, other: second, lie: 'none' })
    const target = new LocalTarget({ folder: story.backup.folder })
    let isFull = true
    const full = (name: string): void => {
      if (!name.includes('.dblock.') || !isFull) return
      isFull = false
      throw new PullbackError('SpoolFull', { what: 'no space is left for temporary files' })
    }
    const restoring = story.backup.restore(join(tempFolder(), 'out'), { target: telling(target, full) })
    await expect(restoring).rejects.toMatchObject({ code: 'SpoolFull' })
  })

  it('two dindexes that speak for each other’s dblock cost nothing', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    if (!first || !second) expect.fail('the story has versions')
    const [one, two] = [told.copy(), story]
    await lyingDindex(two, { dindex: first.dindex, dblock: first.dblock, other: second, lie: 'others' })
    rmSync(story.path(second.dindex))
    const stolen = { dindex: second.dindex, dblock: second.dblock, other: first, lie: 'others' as const }
    await lyingDindex(one, stolen)
    copyFileSync(one.path(second.dindex), story.path(second.dindex))
    await story.expectVersions([0, 2])
  })

  it('a block that two volumes hold is found in the one that is sound, even if both are read at once', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    if (!first || !second) expect.fail('the story has versions')
    const both = [first, second].flatMap(({ dblock }) =>
      blocksWithContent(story.path(dblock), dblock, passphrase),
    )
    forgeVolume({ path: story.path(second.dblock), passphrase, entries: both })
    rmSync(story.path(second.dindex))
    truncateSync(story.path(first.dblock), 1000)
    await story.expectVersions([1])
  })

  it.each(['DestinationFailed', 'DestinationPermission'] as const)(
    'a dblock and a dindex that the disk no longer gives out (%s) cost what they hold, and no more',
    async (code) => {
      const story = told.copy()
      const { dblock, dindex } = story.versions[0] ?? {}
      const faults: Fault[] = [dblock, dindex].map((name = '') => {
        return { verb: 'get', nameHolds: name, effect: 'error', at: 'middle', code }
      })
      const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), faults)
      const out = join(tempFolder(), 'out')
      const report = await story.backup.restore(out, { target })
      const lost = expectOnlyTruth(story, report, out)
      expect(lost).toEqual(['run 1/link', 'run 1/many blocks'])
      expect(target.script.unused).toEqual([])
    },
  )

  it('one damaged block of one file costs no block list beside it, though no dindex is left', async () => {
    const story = told.copy()
    for (const { dindex } of story.versions) rmSync(story.path(dindex))
    if (passphrase === undefined) flip(pathOf(story, 'dblock'), 0.1)
    const { report, out } = await restored(story)
    const lost = expectOnlyTruth(story, report, out)
    expect(lost.filter((path) => !path.startsWith('run 1/'))).toEqual([])
    expect(lost.length).toBeLessThan(2)
  })

  it('a volume that only looks like one of ours is passed over', async () => {
    const story = told.copy()
    const extension = passphrase === undefined ? '' : '.aes'
    const name = `duplicati-b${'0'.repeat(32)}.dblock.zip${extension}`
    forgeVolume({ path: story.path(name), passphrase, entries: [['nonsense', Buffer.from('x')]] })
    await story.expectVersions([2])
  })
})

function pathOf(story: BackupStory, kind: Kind, run = 0): string {
  return story.path(story.versions[run]?.[kind] ?? expect.fail('there is such a run'))
}

function flip(path: string, atShare: number): void {
  const bytes = readFileSync(path)
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * atShare))
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x01, at)
  writeFileSync(path, bytes)
}

async function restored(story: BackupStory): Promise<{ report: RestoreReport; out: string }> {
  const out = join(tempFolder(), 'out')
  return { report: await story.backup.restore(out), out }
}

/** Files and links of the newest version. */
function contents(story: BackupStory): DescribedEntry[] {
  return (story.versions[2]?.entries ?? []).filter(({ type }) => type === 'file' || type === 'link')
}

function paths(story: BackupStory): string[] {
  return contents(story).map(({ path }) => path)
}

/** All that was restored is right, all else is among the failed, and nothing else lies there. Returns what is lost. */
function expectOnlyTruth(story: BackupStory, report: RestoreReport, out: string): string[] {
  const there = new Map(describeTree(out).map((entry) => [entry.path, entry]))
  const lost: string[] = []
  for (const { path, type, sha256, linkTarget } of contents(story)) {
    const found = there.get(path)
    if (found)
      expect([path, found.type, found.sha256, found.linkTarget]).toEqual([path, type, sha256, linkTarget])
    else lost.push(path)
  }
  const known = new Set(story.versions[2]?.entries.map(({ path }) => path))
  expect([...there.keys()].filter((path) => !known.has(path))).toEqual([])
  expect(report.failed.map(({ path }) => path.slice('/home/ana/'.length)).sort()).toEqual(lost.sort())
  return lost
}

function summariesOf(story: BackupStory): Promise<VersionSummary[]> {
  const { folder, passphrase, tempFolder: temp } = story.backup
  const job = { target: new LocalTarget({ folder }), prefix: 'duplicati', passphrase, tempFolder: temp }
  return listVersions(job, runContext({}))
}

/** A bit that nothing depends on, such as one of a time stamp within the archive. */
async function isStillWhole(summary: VersionSummary | undefined): Promise<boolean> {
  return summary !== undefined && !isPullbackError(summary.contents)
}

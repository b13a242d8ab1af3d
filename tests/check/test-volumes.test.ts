// A check of a backup: what is whole is called so, whatever is damaged is found, named, and not counted on any more.
import { copyFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackupStory } from '../support/backup-story.ts'
import { lyingDindex } from '../support/forged-volumes.ts'
import { checked, everything, flip } from '../support/run-check.ts'
import { testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

const sets = [
  { name: 'an encrypted backup', passphrase: testPassphrase },
  { name: 'a plain backup', passphrase: undefined },
]

describe.each(sets)('of $name', ({ passphrase }) => {
  let told: BackupStory

  beforeAll(async () => {
    told = await BackupStory.tell(tempFolder(afterAll), passphrase)
  })

  it('all is whole, and then all is covered', async () => {
    const story = told.copy()
    const report = await checked(story)
    expect(report).toMatchObject({ faulty: [], warnings: [], broken: { entries: 0 }, indexRebuilt: false })
    expect(report.examined).toEqual({ dlist: 3, dindex: 3, dblock: 3 })
    expect(report.coverage.readBytes).toBe(report.coverage.totalBytes)
    expect(report.examinedBytes).toBe(report.coverage.totalBytes)
  })

  it('samples take turns until all is covered', async () => {
    const story = told.copy()
    const shares: number[] = []
    for (const run of [1, 2, 3]) {
      const { examined, coverage } = await checked(story, { ...everything, samples: 1 })
      expect(examined, `run ${run}`).toEqual({ dlist: 1, dindex: 1, dblock: 1 })
      shares.push(coverage.readBytes / coverage.totalBytes)
    }
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBe(1)
  })

  it.each(['dblock', 'dindex', 'dlist'] as const)('one changed bit in a %s is found', async (kind) => {
    for (const share of [0.03, 0.5, 0.999]) {
      const story = told.copy()
      const name = story.versions[0]?.[kind] ?? ''
      flip(story.path(name), share)
      const { faulty, coverage } = await checked(story)
      expect(faulty).toMatchObject([{ name, kind, status: 'damaged', error: { subject: name } }])
      expect(coverage.readBytes).toBeLessThan(coverage.totalBytes)
    }
  })

  it('a missing and a cut volume are found, and what cannot be restored is told each time', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    rmSync(story.path(first?.dblock ?? ''))
    truncateSync(story.path(second?.dblock ?? ''), 700)
    const report = await checked(story)
    expect(report.faulty).toMatchObject([
      { name: second?.dblock, status: 'modified' },
      { name: first?.dblock, status: 'missing' },
    ])
    expect(report.indexRebuilt).toBe(true)
    expect(report.broken.versionTimesMs).toHaveLength(3)
    expect(report.broken.examples).toContain('/home/ana/run 2/many blocks')
    expect((await checked(story)).broken).toEqual(report.broken)
  })

  it('a dindex that says what is not so is found', async () => {
    const story = told.copy()
    const [first, second] = story.versions
    if (!first || !second) expect.fail('the story has versions')
    await lyingDindex(story, { dindex: first.dindex, dblock: first.dblock, other: second, lie: 'nowhere' })
    const { faulty } = await checked(story)
    expect(faulty).toMatchObject([{ status: 'modified' }, { name: first.dblock, status: 'damaged' }])
  })

  it('an index that was built again knows the hash of every volume, as the one before did', async () => {
    const story = told.copy()
    const hashes = (): (string | undefined)[][] =>
      story.backup.withIndex(({ volumes }) =>
        volumes
          .all()
          .map(({ name, sha256 }) => [name, sha256?.toString('hex')])
          .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      )
    const before = hashes()
    rmSync(story.backup.indexPath)
    await checked(story, { ...everything, samples: 0 })
    expect(hashes()).toEqual(before)
  })

  it('a good copy in the place of a damaged volume counts again', async () => {
    const story = told.copy()
    const path = story.path(story.versions[0]?.dblock ?? '')
    const aside = join(tempFolder(), 'good')
    copyFileSync(path, aside)
    flip(path, 0.5)
    expect((await checked(story)).broken.entries).toBeGreaterThan(0)
    copyFileSync(aside, path)
    expect(await checked(story)).toMatchObject({ faulty: [], broken: { entries: 0 } })
  })
})

// Names that differ in case alone, restored onto a disk that does not tell them apart: nothing replaces anything else
// that belongs to the version, whatever the options; what has not its own name is told.
import { mkdirSync, readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RestoreReport } from '../../src/engine/restore/restore-job.ts'
import { caseBlindDiskMissing, mountCaseBlindDisk, type CaseBlindDisk } from '../support/case-blind-disk.ts'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const long = (seed: string): string => contentOf(seed, 5 * testBlocksize).toString('latin1')

/** Files, also of many blocks, and in folders that are twins; what each holds is its own. */
const files: Readonly<Record<string, string>> = {
  Readme: 'one',
  README: 'two',
  readme: 'three',
  'Work/long': long('Work'),
  'work/Long': long('work'),
  'stra\u00dfe': 'sharp',
  'caf\u00e9': 'composed',
  'cafe\u0301': 'decomposed',
}
const linkTarget = 'where the link points'

describe.skipIf(caseBlindDiskMissing())('entries that differ in case alone', () => {
  let disk: CaseBlindDisk
  let tree: string
  let backup: TestBackup

  beforeAll(async () => {
    disk = mountCaseBlindDisk()
    const folder = tempFolder(afterAll)
    tree = join(folder, 'tree')
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true })
      writeFileSync(join(tree, path), content, 'latin1')
    }
    symlinkSync(linkTarget, join(tree, 'ReadMe'))
    backup = new TestBackup(folder)
    await backup.backUp(tree)
  })
  afterAll(() => disk.remove())

  it.for([
    { name: 'an empty folder', overwrite: false, make: true },
    { name: 'an empty folder', overwrite: true, make: true },
    { name: 'a folder that is made', overwrite: false, make: false },
    { name: 'a folder that is made', overwrite: true, make: false },
  ])('all come back into $name, overwrite: $overwrite, and again', async ({ overwrite, make }) => {
    const out = join(disk.folder, `out ${overwrite} ${make}`)
    if (make) mkdirSync(out)
    const report = await backup.restore(out, { overwrite })
    expectAll(report, out)
    expect(report).toMatchObject({ files: Object.keys(files).length, alreadyRight: 0, links: 1 })
    for (const again of [false, true]) {
      const next = await backup.restore(out, { overwrite: again })
      expectAll(next, out)
      expect(next).toMatchObject({ files: 0, alreadyRight: Object.keys(files).length })
    }
  })

  it('a file of somebody else gives way to one of them, and only with --overwrite', async () => {
    const out = join(disk.folder, 'out')
    mkdirSync(out)
    writeFileSync(join(out, 'rEADME'), 'mine')
    await backup.restore(out)
    expect(readFileSync(join(out, 'readme'), 'utf8')).toBe('mine')
    expectAll(await backup.restore(out, { overwrite: true }), out)
  })

  /** Everything is there under one name or another, and what is not under its own is told. */
  function expectAll(report: RestoreReport, out: string): void {
    expect(report.failed).toEqual([])
    const besides = new Map(report.putBeside.map(({ path, as }) => [path.slice(tree.length + 1), as]))
    for (const [path, content] of Object.entries(files)) {
      const at = join(out, dirname(path), besides.get(path) ?? path.split('/').at(-1) ?? '')
      expect([path, readFileSync(at, 'latin1')]).toEqual([path, content])
    }
    expect(readlinkSync(join(out, besides.get('ReadMe') ?? 'ReadMe'))).toBe(linkTarget)
    expect(besides.size).toBeGreaterThanOrEqual(disk.isFormBlind ? 5 : 4)
    for (const path of besides.keys())
      expect(report.warnings).toContainEqual(
        expect.stringContaining(`${path}: its name here is that of another`),
      )
    expect(readdirSync(out).filter((name) => name.startsWith('.pullback'))).toEqual([])
  }
})

// A restore whose process is killed (SIGKILL, all its threads at once) in the middle of its work: whatever has a name
// by then is whole, and the next one into the same folder ends as if nothing had been, with nothing of the first left.
import {
  chmodSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, afterAll, describe, expect, it } from 'vitest'
import { compareTrees, describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { runUnderShim, type ShimmedRun } from '../support/shim/run-under-shim.ts'
import { shimMissing } from '../support/shim/shim-library.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const oldSeconds = 1_000_000_000
/** Of all that an undisturbed restore does in its folder. */
const shares = [0.01, 0.1, 0.25, 0.45, 0.65, 0.85, 0.95]

/** Short files, which unpack threads write, long ones put together from two volumes, links, and folders with modes. */
function makeTree(tree: string): void {
  for (const folder of ['a', 'b', join('b', 'c')]) {
    mkdirSync(join(tree, folder, 'empty folder'), { recursive: true })
    for (let at = 0; at < 20; at += 1)
      writeFileSync(join(tree, folder, `short ${at}`), contentOf(`${folder} ${at}`, 500 + at))
    writeFileSync(join(tree, folder, 'long'), contentOf(folder, 150 * testBlocksize + 7))
    writeFileSync(join(tree, folder, 'empty'), '')
    symlinkSync('long', join(tree, folder, 'link'))
  }
  for (const { path, type } of describeTree(tree).toReversed()) {
    const set = type === 'link' ? lutimesSync : utimesSync
    set(join(tree, path), oldSeconds, oldSeconds)
  }
  chmodSync(join(tree, 'a'), 0o555)
}

describe.skipIf(shimMissing())('a restore that is killed', () => {
  let tree: string
  let backup: TestBackup
  let steps: number

  beforeAll(async () => {
    const folder = tempFolder(afterAll)
    tree = join(folder, 'tree')
    makeTree(tree)
    backup = new TestBackup(folder)
    await backup.backUp(tree)
    const run = await restoreProcess(join(folder, 'out'))
    expect(run).toMatchObject({ exitCode: 0, err: '' })
    expectSameTree(tree, join(folder, 'out'))
    steps = run.effects.length
  })

  function restoreProcess(out: string, killedAt?: number): Promise<ShimmedRun> {
    const { folder, tempFolder: temp, passphrase } = backup
    const options = [`--restore-path=${out}`, `--tempdir=${temp}`, `--passphrase=${passphrase}`]
    const args = ['restore', folder, ...options, '--restore-permissions', '--no-progress']
    const harm = killedAt === undefined ? {} : { harm: { how: 'kill-before' as const, at: killedAt } }
    return runUnderShim(args, { folder: out, ...harm })
  }

  async function expectFinished(out: string): Promise<void> {
    const { exitCode, out: said } = await restoreProcess(out)
    expect({ exitCode, said }).toMatchObject({ exitCode: 0, said: expect.not.stringMatching(/beside/) })
    expectSameTree(tree, out)
  }

  it.each(shares)('at %d of its steps leaves nothing that the next does not make good', async (share) => {
    const out = join(tempFolder(), 'out')
    const killed = await restoreProcess(out, Math.ceil(share * steps))
    expect(killed).toMatchObject({ exitCode: undefined, hung: false })
    expectWhole(tree, out)
    await expectFinished(out)
  })

  it('again and again leaves no more than one that was killed once', async () => {
    const out = join(tempFolder(), 'out')
    for (const share of [0.3, 0.02, 0.25, 0.2]) {
      const killed = await restoreProcess(out, Math.ceil(share * steps))
      expect(killed).toMatchObject({ exitCode: undefined, hung: false })
      expectWhole(tree, out)
    }
    await expectFinished(out)
  })
})

/** Whatever has a name of its own is what it should be. */
function expectWhole(tree: string, out: string): void {
  if (!existsSync(out)) return
  const isNamed = ({ path, type }: DescribedEntry): boolean =>
    type !== 'folder' && !/(^|\/)\.pullback-[^/]+$/.test(path)
  const there = describeTree(out).filter(isNamed)
  const paths = new Set(there.map(({ path }) => path))
  const expected = describeTree(tree).filter(({ path }) => paths.has(path))
  expect(compareTrees(expected, there, { ignore: ['uid', 'gid', 'mtimeNs'] })).toEqual([])
}

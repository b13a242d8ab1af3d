// A process that may open few files, or is held for a while in its middle, does its work all the same.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeTree } from '../support/describe-tree.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const project = join(import.meta.dirname, '../..')
const folders = 150
const oldSeconds = 1_000_000_000

function makeTree(): { folder: string; tree: string } {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  for (let at = 0; at < folders; at += 1) {
    const inner = join(tree, `folder ${at}`, 'a', 'b', 'c')
    mkdirSync(inner, { recursive: true })
    writeFileSync(join(inner, 'file'), contentOf(`file ${at}`, 5000 + at))
    writeFileSync(join(tree, `folder ${at}`, 'other'), contentOf(`other ${at}`, 900))
  }
  for (const { path } of describeTree(tree).toReversed()) utimesSync(join(tree, path), oldSeconds, oldSeconds)
  return { folder, tree }
}

function args(folder: string, ...command: readonly string[]): string[] {
  const own = ['--no-encryption', `--tempdir=${join(folder, 'temp')}`]
  mkdirSync(join(folder, 'temp'), { recursive: true })
  return [join(project, 'src/main.ts'), ...command, ...own]
}

it('64 open files are enough for a backup and a restore of many folders', async () => {
  const { folder, tree } = makeTree()
  const limited = (...command: readonly string[]): void => {
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -n 64; exec "$@"', 'bash', process.execPath, ...args(folder, ...command)],
      { encoding: 'utf8' },
    )
    expect({ status, stderr }).toMatchObject({ status: 0 })
  }
  const backup = join(folder, 'backup')
  limited('backup', backup, tree, `--dbpath=${join(folder, 'index.sqlite')}`)
  await expectSound(backup, { written: 'pullback' })
  const out = join(folder, 'out')
  limited('restore', backup, `--restore-path=${out}`)
  expectSameTree(tree, out)
})

it('a backup that is held again and again goes on as if nothing had been', async () => {
  const { folder, tree } = makeTree()
  const backup = join(folder, 'backup')
  mkdirSync(backup)
  const command = args(folder, 'backup', backup, tree, `--dbpath=${join(folder, 'index.sqlite')}`)
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let holds = 0
  // Each time that it says how far it is.
  child.stderr.on('data', () => {
    child.kill('SIGSTOP')
    describeTree(join(tree, 'folder 1'))
    child.kill('SIGCONT')
    holds += 1
  })
  expect(await exited).toEqual([0, null])
  expect(holds).toBeGreaterThan(0)
  await expectSound(backup, { written: 'pullback' })
})

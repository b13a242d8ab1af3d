// Sources at the edges: trees deeper than a path can be, devices, files with holes around the sizes at which numbers
// of 31 and 32 bits end. What is there comes back, in little space and little memory, and nothing is waited for.
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

const depth = 2000

it(`a tree of ${depth} levels, deeper than any path can name, comes back`, async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  const level = "fs.mkdirSync('level ' + at); process.chdir('level ' + at)"
  const bottom = "fs.writeFileSync('at the bottom', 'deep'); fs.symlinkSync('../at the bottom', 'link')"
  run(tree, `exec "$NODE" -e "for (let at = 0; at < ${depth}; at += 1) { ${level} }; ${bottom}"`)
  const backup = new TestBackup(folder, { passphrase: undefined })
  const report = await backup.backUp(tree)
  expect(report).toMatchObject({ gaps: [], entries: { files: 1, folders: depth + 1, links: 1 } })
  await backup.check()
  expect(await backup.backUp(tree)).toMatchObject({ gaps: [], entriesRemoved: 0, filesAdded: 0 })
  expect(await backup.restore(join(folder, 'out'))).toMatchObject({ failed: [], files: 1, links: 1 })
  const listing = `find . -mindepth 1 -printf '%P %y %s %m %l\\n' | sed 's/ d [0-9]* / d /' | sort | sha256sum`
  expect(run(join(folder, 'out'), listing)).toBe(run(tree, listing))
})

it('a path of more than 64 KiB is told as a gap, and the version can be read', async () => {
  const levels = 300
  const level = 'x'.repeat(250)
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'file'), 'x')
  const step = `fs.mkdirSync('${level}'); process.chdir('${level}')`
  run(tree, `exec "$NODE" -e "for (let at = 0; at < ${levels}; at += 1) { ${step} }"`)
  const backup = new TestBackup(folder, { passphrase: undefined })
  const report = await backup.backUp(tree)
  expect(report.gapCount).toBeGreaterThan(0)
  for (const { error } of report.gaps) expect(error.code).toBe('EntryNameUnusable')
  await backup.check()
  expect(await backup.restore(join(folder, 'out'))).toMatchObject({ failed: [], files: 1 })
  rmSync(backup.indexPath)
  expect(await backup.backUp(tree)).toMatchObject({ indexRebuilt: true, filesAdded: 0, entriesRemoved: 0 })
})

it('a file of 200,000 blocks that are all the same comes back', async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'file'), '')
  truncateSync(join(tree, 'file'), 200_000 * testBlocksize)
  const backup = new TestBackup(folder, { passphrase: undefined })
  await backup.backUp(tree)
  await backup.check()
  expect(await backup.restore(join(folder, 'out'))).toMatchObject({ failed: [], files: 1 })
  expectSameTree(tree, join(folder, 'out'))
})

/** The longest is enough for every run: all of it has to be hashed, thrice. `FAULT_SIZES=all` takes the others, too. */
const holes = process.env['FAULT_SIZES'] === 'all' ? [2 ** 31 - 1, 2 ** 31 + 1, 2 ** 32 + 1] : [2 ** 32 + 1]

it('files with holes around 2 and 4 GiB are stored once, and have their holes when they come back', async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  for (const size of holes) {
    const file = openSync(join(tree, `${size}`), 'w')
    ftruncateSync(file, size)
    for (const at of marks(size)) writeSync(file, mark(at), 0, 1, at)
    closeSync(file)
  }
  const backup = new TestBackup(folder, { passphrase: undefined })
  const report = await backup.backUp(tree, { changes: { blocksize: 4 * 1024 * 1024 } })
  expect(report).toMatchObject({ gaps: [], sourceBytes: holes.reduce((sum, size) => sum + size, 0) })
  expect(report.uploadedBytes).toBeLessThan(1_000_000)
  const out = join(folder, 'out')
  expect(await backup.restore(out)).toMatchObject({ failed: [], files: holes.length })
  for (const size of holes) {
    const { size: restoredBytes, blocks } = statSync(join(out, `${size}`))
    expect(restoredBytes).toBe(size)
    expect(blocks * 512).toBeLessThan(30_000_000)
    const file = openSync(join(out, `${size}`), 'r')
    const byte = Buffer.alloc(1)
    for (const at of marks(size)) {
      expect([readSync(file, byte, 0, 1, at), byte]).toEqual([1, mark(at)])
    }
    closeSync(file)
  }
})

it.skipIf(process.getuid?.() !== 0)('devices are counted, and neither opened nor made again', async () => {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  // Reading the first would never end; there is no driver for the second.
  run(tree, 'mknod zeros c 1 5 && mknod disk b 240 7')
  writeFileSync(join(tree, 'file'), 'x')
  const backup = new TestBackup(folder, { passphrase: undefined })
  const report = await backup.backUp(tree)
  expect(report).toMatchObject({ gaps: [], specialCount: 2, entries: { files: 1 } })
  await backup.check()
  await backup.restore(join(folder, 'out'))
  expectSameTree(tree, join(folder, 'out'))
})

/** Both ends, and both sides of where numbers of 31 and 32 bits end. */
function marks(size: number): number[] {
  return [0, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, size - 1].filter((at) => at < size)
}

function mark(at: number): Buffer {
  return Buffer.from([(at % 251) + 1])
}

function run(folder: string, script: string): string {
  const done = spawnSync('bash', ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE: process.execPath },
  })
  expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: '' })
  return done.stdout
}

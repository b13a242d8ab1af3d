// What is left of files whose blocks are lost, when somebody asks for it: the right bytes where there are any, zeros
// elsewhere, told of, and under a name that is nobody else's.
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

/** More than one blocklist takes: the first is as it was when the file grows. */
const oldBlocks = 40
const newBlocks = 40
const tailBytes = 100
const oldBytes = contentOf('old', oldBlocks * testBlocksize)
const newBytes = contentOf('new', newBlocks * testBlocksize + tailBytes)

let backup: TestBackup
let out: string
let tree: string
/** Volumes of the first run. */
let first: string[]

beforeEach(async () => {
  const folder = tempFolder()
  backup = new TestBackup(join(folder, 'backup'))
  out = join(folder, 'out')
  tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'grown'), oldBytes)
  writeFileSync(join(tree, 'short'), 'all in one block')
  await backup.backUp(tree)
  first = readdirSync(backup.folder)
  appendFileSync(join(tree, 'grown'), newBytes)
  writeFileSync(join(tree, 'sound'), 'sound')
  await backup.backUp(tree)
})

function harm(kind: 'dblock' | 'dindex', how: (path: string) => void): void {
  for (const name of first) if (name.includes(`.${kind}.`)) how(join(backup.folder, name))
}

it.each([
  ['is missing', (path: string): void => rmSync(path)],
  ['is cut to nothing', (path: string): void => truncateSync(path, 0)],
])('a file that has blocks in a dblock that %s comes back with zeros for them', async (_, how) => {
  harm('dblock', how)
  const report = await backup.restore(out, { restoreDamaged: true })
  expect(readdirSync(out).sort()).toEqual(['grown.damaged', 'sound'])
  expect(readFileSync(join(out, 'grown.damaged')).equals(Buffer.concat([zeros(), newBytes]))).toBe(true)
  const failed = report.failed.map(({ path }) => path.split('/').at(-1))
  expect(new Set(failed)).toEqual(new Set(['grown', 'short']))
  expect(report.damaged).toMatchObject([
    {
      as: 'grown.damaged',
      lostBytes: oldBytes.length,
      lost: [{ offsetBytes: 0, lengthBytes: oldBytes.length }],
    },
  ])
})

it('blocks that only a lost list of blocks names are zeros, too', async () => {
  harm('dblock', (path) => rmSync(path))
  harm('dindex', (path) => rmSync(path))
  const { damaged } = await backup.restore(out, { restoreDamaged: true })
  expect(damaged).toMatchObject([{ as: 'grown.damaged', lostBytes: oldBytes.length }])
  expect(readFileSync(join(out, 'grown.damaged')).equals(Buffer.concat([zeros(), newBytes]))).toBe(true)
})

it('what is left of a file has its mode, also where its beginning is in no volume any more', async () => {
  const file = join(tree, 'few blocks')
  writeFileSync(file, contentOf('few', 10 * testBlocksize))
  chmodSync(file, 0o600)
  const before = new Set(readdirSync(backup.folder))
  await backup.backUp(tree)
  first = readdirSync(backup.folder).filter((name) => !before.has(name))
  appendFileSync(file, contentOf('more', 10 * testBlocksize))
  await backup.backUp(tree)
  harm('dblock', (path) => rmSync(path))
  harm('dindex', (path) => rmSync(path))
  const { damaged } = await backup.restore(out, { restoreDamaged: true })
  expect(damaged).toMatchObject([{ as: 'few blocks.damaged', lostBytes: 10 * testBlocksize }])
  expect((statSync(join(out, 'few blocks.damaged')).mode & 0o777).toString(8)).toBe('600')
})

it('never takes a name that something has, also where files are replaced', async () => {
  harm('dblock', (path) => rmSync(path))
  mkdirSync(out)
  writeFileSync(join(out, 'grown'), 'mine')
  writeFileSync(join(out, 'grown.damaged'), 'mine, too')
  const { damaged } = await backup.restore(out, { restoreDamaged: true, overwrite: true })
  expect(damaged).toMatchObject([{ as: 'grown.damaged-2' }])
  expect(readdirSync(out).sort()).toEqual(['grown', 'grown.damaged', 'grown.damaged-2', 'sound'])
  expect(readFileSync(join(out, 'grown'), 'utf8')).toBe('mine')
  expect(readFileSync(join(out, 'grown.damaged'), 'utf8')).toBe('mine, too')
})

it('leaves zeros also where a file that is in the way has other bytes', async () => {
  harm('dblock', (path) => rmSync(path))
  mkdirSync(out)
  writeFileSync(join(out, 'grown'), contentOf('other', oldBytes.length + newBytes.length))
  await backup.restore(out, { restoreDamaged: true, overwrite: true })
  expect(readFileSync(join(out, 'grown.damaged')).equals(Buffer.concat([zeros(), newBytes]))).toBe(true)
})

it('is not there unless it is asked for', async () => {
  harm('dblock', (path) => rmSync(path))
  const { failed, damaged } = await backup.restore(out)
  expect(readdirSync(out)).toEqual(['sound'])
  expect(failed).toHaveLength(2)
  expect(damaged).toEqual([])
})

function zeros(): Buffer {
  return Buffer.alloc(oldBytes.length)
}

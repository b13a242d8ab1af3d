// A disk that runs full under a restore, of bytes or of inodes: the run says so and ends, what it finished is whole,
// nothing half made is left, and with room again the next run brings back the rest.
import { lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compareTrees, describeTree } from '../support/describe-tree.ts'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { fillDisk, mountSmallDisk, smallDisksWork } from '../support/small-disk.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const oldSeconds = 1_000_000_000

/** Room for some of the tree below, at one kind of entry after the other. */
const rooms = [
  { bytes: 0 },
  { bytes: 12_288 },
  { bytes: 100_000 },
  { bytes: 300_000 },
  { inodes: 0 },
  { inodes: 1 },
  { inodes: 2 },
  { inodes: 5 },
  { inodes: 25 },
  // All files, and not all links.
  { inodes: 43 },
]

/** Files of one block, of many, and of none, links, and folders; 47 inodes and 500 kB. */
function makeTree(tree: string): void {
  for (const folder of ['a', 'b']) {
    mkdirSync(join(tree, folder, 'empty folder'), { recursive: true })
    for (let at = 0; at < 15; at += 1)
      writeFileSync(join(tree, folder, `short ${at}`), contentOf(`${folder} ${at}`, 700 + at))
    writeFileSync(join(tree, folder, 'long'), contentOf(folder, 200 * testBlocksize + 7))
    writeFileSync(join(tree, folder, 'empty'), '')
    for (const name of ['one', 'two', 'three', 'four']) {
      const link = join(tree, folder, `link ${name}`)
      // Too long for an inode: a link takes room of its own.
      symlinkSync(name.repeat(100), link)
      lutimesSync(link, oldSeconds, oldSeconds)
    }
  }
}

if (smallDisksWork('a full disk under a restore')) {
  describe('a disk that runs full under a restore', () => {
    it.each(rooms)('with %o left, is told, and what is finished stays', async (room) => {
      const folder = tempFolder()
      const tree = join(folder, 'tree')
      makeTree(tree)
      const backup = new TestBackup(folder)
      await backup.backUp(tree)
      const disk = join(folder, 'disk')
      mkdirSync(disk)
      onTestFinished(mountSmallDisk(disk, 'size=8m,nr_inodes=200'))
      const out = join(disk, 'out')
      const giveBack = fillDisk(disk, room)
      const error: unknown = await backup.restore(out).catch((one: unknown) => one)
      const code = expect.stringMatching(/^(RestoreTargetFull|TargetFolderUnusable)$/) as string
      expect(error).toMatchObject({ code, what: expect.stringMatching(/the disk is full/) as string })
      const finished = expectWhole(tree, out)
      giveBack()
      const report = await backup.restore(out)
      expect(report).toMatchObject({ failed: [], putBeside: [], warnings: [] })
      expect(report.alreadyRight, 'nothing is written twice').toBe(finished)
      expectSameTree(tree, out)
    })
  })
}

/** Whatever has a name is as it should be, and nothing else is there; returns how many files are. */
function expectWhole(tree: string, out: string): number {
  if (!readdirSync(join(out, '..')).includes('out')) return 0
  const there = describeTree(out).filter(({ type }) => type !== 'folder')
  const paths = new Set(there.map(({ path }) => path))
  const expected = describeTree(tree).filter(({ path }) => paths.has(path))
  expect(compareTrees(expected, there, { ignore: ['mtimeNs', 'uid', 'gid'] })).toEqual([])
  return there.filter(({ type }) => type === 'file').length
}

// A disk that runs full under a backup: that of the destination, of the spool and of the index, of bytes and of inodes.
// The run says so and ends; what was there stays whole and can be deleted; with room again the next run sends the rest.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { namesIn } from '../support/backup-story.ts'
import { describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { runHere } from '../support/kill-table/run-here.ts'
import { TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { ballastName, fillDisk, mountSmallDisk, smallDisksWork } from '../support/small-disk.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

interface Case {
  readonly place: string
  readonly code: string
  readonly folderOf: (backup: TestBackup) => string
  /** How much of it is left: some for a beginning, or nothing. */
  readonly rooms: readonly { readonly bytes?: number; readonly inodes?: number }[]
}

const places: readonly Case[] = [
  {
    place: 'destination',
    code: 'DestinationFull',
    folderOf: (backup) => backup.folder,
    rooms: [{ bytes: 900_000 }, { inodes: 6 }, { bytes: 0 }],
  },
  {
    place: 'spool',
    code: 'SpoolFull',
    folderOf: (backup) => backup.tempFolder,
    rooms: [{ bytes: 400_000 }, { inodes: 1 }, { bytes: 0 }],
  },
  {
    place: 'index',
    code: 'IndexFull',
    folderOf: (backup) => dirname(backup.indexPath),
    rooms: [{ bytes: 200_000 }, { inodes: 1 }, { inodes: 0 }],
  },
]
const cases = places.flatMap(({ rooms, ...one }) => rooms.map((room) => ({ ...one, room })))
const dblockSizeBytes = 128 * 1024

if (smallDisksWork('a full disk under a backup')) {
  describe('a disk that runs full', () => {
    it.each(cases)(
      'of the $place, with $room left, costs the run and nothing else',
      async ({ folderOf, code, room }) => {
        const folder = tempFolder()
        const backup = new TestBackup(folder, { passphrase: undefined })
        const disk = folderOf(backup)
        const tree = join(folder, 'tree')
        for (const made of [disk, tree]) mkdirSync(made)
        onTestFinished(mountSmallDisk(disk, 'size=8m,nr_inodes=200'))
        const backUp = (): ReturnType<TestBackup['backUp']> =>
          backup.backUp(tree, { changes: { dblockSizeBytes } })
        await backUp()
        writeFileSync(join(tree, 'small'), contentOf('small 2', 3000))
        await backUp()
        const before = describeTree(tree)
        for (let at = 0; at < 200; at += 1) writeFileSync(join(tree, `new ${at}`), contentOf(`${at}`, 20_000))
        const giveBack = fillDisk(disk, room)
        const error: unknown = await backUp().catch((one: unknown) => one)
        expect(error).toMatchObject({ code, what: expect.stringMatching(/full|space/) as string })
        expect(namesIn(backup.tempFolder).filter((name) => name !== ballastName)).toEqual([])
        await expectSound(backup.folder, { written: 'pullback', cutOff: true, ignore: [ballastName] })
        if (code === 'DestinationFull') await deleteOldest(backup)
        giveBack()
        await expectNewest(backup, before)
        const sent = namesIn(backup.folder)
        expect(await backUp()).toMatchObject({ gaps: [], version: { isFull: true } })
        expect(namesIn(backup.folder)).toEqual(expect.arrayContaining(sent))
        const { blocks } = await backup.check()
        expect(blocks).toMatchObject({ duplicates: 0 })
        await expectNewest(backup, describeTree(tree))
      },
    )
  })
}

/** As a person would who needs the room. */
async function deleteOldest(backup: TestBackup): Promise<void> {
  const lists = (): string[] => namesIn(backup.folder).filter((name) => name.includes('.dlist.'))
  const [oldest, newer] = lists()
  const files = [`--dbpath=${backup.indexPath}`, `--tempdir=${backup.tempFolder}`]
  const { exitCode } = await runHere(['delete', backup.folder, '--version=1', ...files, '--no-encryption'])
  // 2: what the interrupted run left could not be finished yet.
  expect([0, 2]).toContain(exitCode)
  expect(lists()).not.toContain(oldest)
  expect(lists()).toContain(newer)
}

async function expectNewest(backup: TestBackup, tree: readonly DescribedEntry[]): Promise<void> {
  const out = join(tempFolder(), 'out')
  expect((await backup.restore(out)).failed).toEqual([])
  expectSameTree(tree, out)
}

import { execFileSync } from 'node:child_process'
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { targetSuite } from '../suite.ts'
import { contentOf, get, listed, put, volumeName } from '../suite/content.ts'
import { localLab } from './local-lab.ts'
import { LocalTarget } from './local-target.ts'

const signal = neverAborted()

targetSuite('a local folder', localLab, { caseSensitive: true, largestBytes: 4_000_000 })

describe('a local folder as a destination', () => {
  async function inLab(test: (folder: string, target: LocalTarget) => Promise<void>): Promise<void> {
    const lab = await localLab()
    try {
      await test(lab.folder, new LocalTarget({ folder: lab.folder }))
    } finally {
      await lab.dispose()
    }
  }

  it('is made with all the folders above it', () =>
    inLab(async (folder) => {
      const target = new LocalTarget({ folder: join(folder, 'a', 'b', 'c') })
      await target.open({ create: true }, signal)
      await put(target, volumeName(1), Buffer.from('1'))
      expect(await listed(target)).toEqual([volumeName(1)])
    }))

  it('is told as missing when a file lies in its place or in its way', () =>
    inLab(async (folder) => {
      await writeFile(join(folder, 'file'), 'x')
      for (const path of [join(folder, 'file'), join(folder, 'file', 'below')]) {
        const target = new LocalTarget({ folder: path })
        for (const create of [true, false]) {
          await expect(target.open({ create }, signal)).rejects.toMatchObject({ code: 'DestinationMissing' })
        }
      }
    }))

  it('fails an upload whose folder is moved away meanwhile', () =>
    inLab(async (folder, target) => {
      const moving = async function* (): AsyncGenerator<Uint8Array> {
        await rename(folder, join(dirname(folder), 'moved'))
        yield Buffer.from('x')
      }
      const putting = target.put(volumeName(1), contentOf(Buffer.from('x'), { open: moving }), signal)
      await expect(putting).rejects.toMatchObject({ kind: 'destination' })
    }))

  it('shows a link to a file as that file, and passes over links to nothing and to folders', () =>
    inLab(async (folder, target) => {
      const elsewhere = join(dirname(folder), 'elsewhere')
      await mkdir(elsewhere)
      await writeFile(join(elsewhere, 'volume'), 'moved here')
      await symlink(join(elsewhere, 'volume'), join(folder, volumeName(1)))
      await symlink(elsewhere, join(folder, volumeName(2)))
      await symlink('nothing', join(folder, volumeName(3)))
      await symlink(volumeName(4), join(folder, volumeName(4)))
      expect(await listed(target)).toEqual([volumeName(1)])
      expect(await get(target, volumeName(1))).toEqual(Buffer.from('moved here'))
      await expect(get(target, volumeName(4))).rejects.toMatchObject({ code: 'DestinationFileMissing' })
      for (const number of [1, 2, 3, 4]) {
        const taken = { code: 'DestinationNameTaken' }
        await expect(put(target, volumeName(number), Buffer.from('x'))).rejects.toMatchObject(taken)
      }
    }))

  it('does not wait for a pipe that lies under a name', () =>
    inLab(async (folder, target) => {
      execFileSync('mkfifo', [join(folder, volumeName(1))])
      expect(await listed(target)).toEqual([])
      await expect(get(target, volumeName(1))).rejects.toMatchObject({ code: 'DestinationFileMissing' })
    }))
})

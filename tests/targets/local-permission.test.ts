// A local folder in which the user that runs Pullback lacks a right. Permissions do not bind root, so that for root
// these tests take on the rights of nobody for each call, and give them back.
import { chmod, chown, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { systemClock } from '../../src/base/clock.ts'
import { localLab } from '../../src/targets/local/local-lab.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { get, listed, put, volumeName } from '../../src/targets/suite/content.ts'

const signal = neverAborted()
const isRoot = process.getuid?.() === 0
const nobody = 65_534
const refused = { code: 'DestinationPermission', kind: 'destination', retry: 'after-change' }

async function asNobody<T>(call: () => Promise<T>): Promise<T> {
  if (!isRoot) return call()
  process.seteuid?.(nobody)
  try {
    return await call()
  } finally {
    process.seteuid?.(0)
  }
}

interface Place {
  readonly folder: string
  readonly target: LocalTarget
  readonly names: () => Promise<string[]>
}

/** Runs the test in a folder that holds one file and then gets the permission bits `mode`. */
async function inFolder(mode: number, test: (place: Place) => Promise<void>): Promise<void> {
  const lab = await localLab()
  const { folder } = lab
  const target = new LocalTarget({ folder })
  try {
    await put(target, volumeName(1), Buffer.from('old'))
    await chmod(dirname(folder), 0o755)
    await chmod(folder, mode)
    await test({ folder, target, names: () => lab.names() })
  } finally {
    await chmod(folder, 0o755)
    await lab.dispose()
  }
}

describe('C24 a local folder without the right', () => {
  it('to write lists and reads, and refuses put and delete', () =>
    inFolder(0o555, async ({ target, names }) => {
      await asNobody(async () => {
        await target.open({ create: true }, signal)
        expect(await listed(target)).toEqual([volumeName(1)])
        expect(await get(target, volumeName(1))).toEqual(Buffer.from('old'))
        await expect(put(target, volumeName(2), Buffer.from('new'))).rejects.toMatchObject(refused)
        await expect(target.delete(volumeName(1), signal)).rejects.toMatchObject(refused)
      })
      expect(await names()).toEqual([volumeName(1)])
    }))

  it('to list refuses to list, and refuses a put before anything is stored', () =>
    inFolder(0o333, async ({ folder, target, names }) => {
      await asNobody(async () => {
        await expect(listed(target)).rejects.toMatchObject(refused)
        await expect(put(target, volumeName(2), Buffer.from('new'))).rejects.toMatchObject(refused)
      })
      await chmod(folder, 0o755)
      expect(await names()).toEqual([volumeName(1)])
    }))

  it('to look at its files refuses the list instead of giving an empty one', () =>
    inFolder(0o444, async ({ target }) => {
      await asNobody(async () => {
        await expect(listed(target)).rejects.toMatchObject(refused)
        await expect(target.stat(volumeName(1), signal)).rejects.toMatchObject(refused)
        await expect(get(target, volumeName(1))).rejects.toMatchObject(refused)
      })
    }))

  it('to read one file refuses that get', () =>
    inFolder(0o755, async ({ folder, target }) => {
      await chmod(join(folder, volumeName(1)), 0)
      await asNobody(() => expect(get(target, volumeName(1))).rejects.toMatchObject(refused))
    }))

  it('to be made in its parent refuses to open', () =>
    inFolder(0o555, async ({ folder }) => {
      const below = new LocalTarget({ folder: join(folder, 'below') })
      await asNobody(() => expect(below.open({ create: true }, signal)).rejects.toMatchObject(refused))
    }))

  // In a sticky folder files of others can be neither renamed nor deleted. Making files of others takes root.
  it.skipIf(!isRoot)(
    'to delete takes files, refuses to delete, and a sweep leaves what it may not remove',
    () =>
      inFolder(0o1777, async ({ folder, target, names }) => {
        const leftover = `tmp-x01234567-${volumeName(3)}`
        await writeFile(join(folder, leftover), 'half')
        await chown(folder, 0, 0)
        await asNobody(async () => {
          await put(target, volumeName(2), Buffer.from('new'))
          await expect(target.delete(volumeName(1), signal)).rejects.toMatchObject(refused)
          const sweeper = new LocalTarget({
            folder,
            clock: { ...systemClock, nowMs: () => systemClock.nowMs() + 30 * 24 * 3600 * 1000 },
          })
          expect(await sweeper.sweep({ abandoned: new Set(), signal })).toBe(0)
        })
        expect((await names()).sort()).toEqual([volumeName(1), volumeName(2), leftover])
      }),
  )
})

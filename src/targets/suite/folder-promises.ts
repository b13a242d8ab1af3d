// The suite's promises about the folder as a whole: opening it, finding it gone, room in it, two connections to it.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import { get, listed, put, volumeName } from './content.ts'

const signal = neverAborted()

export function folderPromises(promises: Promises): void {
  promises('C01 a missing folder is told, made only when asked, and may be made twice', async ({ lab }) => {
    await lab.remove()
    const target = lab.connect()
    await expect(target.open({ create: false }, signal)).rejects.toMatchObject({ code: 'DestinationMissing' })
    await target.open({ create: true }, signal)
    await target.open({ create: true }, signal)
    await target.open({ create: false }, signal)
    expect(await listed(target)).toEqual([])
    await target.close()
  })

  promises('C01 no name is called absent when it is the folder that is gone', async ({ lab, target }) => {
    await put(target, volumeName(1), Buffer.from('1'))
    await lab.remove()
    const missing = { code: 'DestinationMissing' }
    await expect(listed(target)).rejects.toMatchObject(missing)
    await expect(target.stat(volumeName(1), signal)).rejects.toMatchObject(missing)
    await expect(get(target, volumeName(1))).rejects.toMatchObject(missing)
    await expect(target.delete(volumeName(1), signal)).rejects.toMatchObject(missing)
    await expect(put(target, volumeName(2), Buffer.from('2'))).rejects.toMatchObject(missing)
  })

  promises('C03 deleting what is not there, and deleting twice, succeed', async ({ target }) => {
    await target.delete(volumeName(1), signal)
    await put(target, volumeName(2), Buffer.from('2'))
    await target.delete(volumeName(2), signal)
    await target.delete(volumeName(2), signal)
    expect(await listed(target)).toEqual([])
  })

  promises('C31 there is no more free than in all, if it is told', async ({ target }) => {
    const space = await target.space(signal)
    if (space) expect(space.freeBytes).toBeLessThanOrEqual(space.totalBytes)
  })

  promises(
    'C35 two connections to one place have one label and see the same files',
    async ({ lab, target }) => {
      await put(target, volumeName(1), Buffer.from('1'))
      const other = lab.connect()
      await other.open({ create: false }, signal)
      expect(other.label).toBe(target.label)
      expect(await listed(other)).toEqual(await listed(target))
      await other.close()
    },
  )
}

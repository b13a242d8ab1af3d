// The suite's promises about `list`: the exact set or an error, whatever else lies there or happens meanwhile.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import { listed, put, volumeName } from './content.ts'

const signal = neverAborted()

export function listPromises(promises: Promises): void {
  promises(
    'C15 after 40 puts at once the list is exact, whatever else lies there',
    async ({ lab, target }) => {
      await lab.plant('notes.txt', Buffer.from('foreign'))
      await lab.plant('odd\nname', Buffer.from('foreign'))
      await lab.plant(`tmp-x01234567-${volumeName(1)}`, Buffer.from('half'))
      await lab.plantFolder?.('duplicati-bffff.dblock.zip')
      const names = Array.from({ length: 40 }, (_, at) => volumeName(at))
      await Promise.all(names.map((name) => put(target, name, Buffer.from(name))))
      expect(await listed(target)).toEqual([...names, 'notes.txt'])
    },
  )

  promises('C15 a folder under a name is no file', async ({ lab, target }) => {
    await lab.plantFolder?.(volumeName(1))
    expect(await target.stat(volumeName(1), signal)).toBeUndefined()
    const reading = Array.fromAsync(target.get(volumeName(1), { signal }))
    await expect(reading).rejects.toMatchObject({ code: 'DestinationFileMissing' })
  })

  promises('C16 a list of 2,500 names is complete', async ({ lab, target }) => {
    const names = Array.from({ length: 2500 }, (_, at) => volumeName(at))
    await Promise.all(names.map((name) => lab.plant(name, Buffer.from('x'))))
    expect(await listed(target)).toEqual(names)
  })

  promises(
    'C17 a list that is stopped in the middle ends in an error, not early',
    async ({ lab, target }) => {
      for (let at = 0; at < 200; at += 1) await lab.plant(volumeName(at), Buffer.from('x'))
      const stop = new AbortController()
      const seen: string[] = []
      const listing = async (): Promise<void> => {
        for await (const file of target.list(stop.signal)) {
          seen.push(file.name)
          stop.abort()
        }
      }
      await expect(listing()).rejects.toMatchObject({ code: 'Cancelled' })
      expect(seen.length).toBeLessThan(200)
    },
  )

  promises('C18 files that vanish during a list do no harm', async ({ lab, target }) => {
    const names = Array.from({ length: 200 }, (_, at) => volumeName(at))
    for (const name of names) await lab.plant(name, Buffer.from('x'))
    const vanishing = names.slice(0, 100)
    const seen = new Set<string>()
    for await (const file of target.list(signal)) {
      if (seen.size === 0) await Promise.all(vanishing.map((name) => target.delete(name, signal)))
      seen.add(file.name)
    }
    expect(names.slice(100).filter((name) => !seen.has(name))).toEqual([])
  })
}

// The suite's promises about names: what is refused at the door, and what a sweep takes away.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { systemClock } from '../../base/clock.ts'
import type { Promises } from '../suite.ts'
import { get, put, volumeName } from './content.ts'

const signal = neverAborted()
const dayMs = 24 * 3600 * 1000
const badNames = ['', '.', '..', '../x', 'a/b', '/etc/passwd', 'a\0b', 'a\nb', 'x'.repeat(300), '\ud800']

export function namePromises(promises: Promises): void {
  promises('no verb takes a name that no file here can have', async ({ lab, target }) => {
    const unusable = { code: 'DestinationNameUnusable' }
    for (const name of [...badNames, `tmp-x01234567-${volumeName(1)}`]) {
      await expect(target.stat(name, signal)).rejects.toMatchObject(unusable)
      await expect(get(target, name)).rejects.toMatchObject(unusable)
      await expect(put(target, name, Buffer.from('x'))).rejects.toMatchObject(unusable)
      await expect(target.delete(name, signal)).rejects.toMatchObject(unusable)
    }
    expect(await lab.names()).toEqual([])
  })

  promises('a sweep takes what is abandoned or a week old, and nothing else', async ({ lab, target }) => {
    const nowMs = systemClock.nowMs()
    const old = nowMs - 8 * dayMs
    const kept = [
      [volumeName(0), old],
      [`tmp-x00000001-${volumeName(1)}`, nowMs],
      [`tmp-x00000002-${volumeName(2)}`, nowMs - 6 * dayMs],
      ['tmp-x00000003-notes.txt', old],
      [`tmp-x3-${volumeName(3)}`, old],
      [`tmp-${volumeName(4)}`, old],
    ] as const
    for (const [name, modifiedMs] of kept) await lab.plant(name, Buffer.from('x'), modifiedMs)
    await lab.plant(`tmp-x00000005-${volumeName(5)}`, Buffer.from('x'), old)
    await lab.plant(`tmp-x00000006-${volumeName(6)}`, Buffer.from('x'), nowMs)
    const abandoned = new Set([volumeName(0), volumeName(6)])
    expect(await target.sweep({ abandoned, signal })).toBe(2)
    expect((await lab.names()).sort()).toEqual(kept.map(([name]) => name).sort())
    expect(await target.sweep({ abandoned, signal })).toBe(0)
  })

  promises('a sweep never harms an upload that has ended', async ({ target }) => {
    await put(target, volumeName(1), Buffer.from('whole'))
    expect(await target.sweep({ abandoned: new Set([volumeName(1)]), signal })).toBe(0)
    expect(await get(target, volumeName(1))).toEqual(Buffer.from('whole'))
  })
}

// The suite's promises about a destination without room: it says so, nothing half is left, and room helps at once.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { isPullbackError } from '../../base/errors.ts'
import type { Promises } from '../suite.ts'
import { get, listed, put, seededBytes, volumeName } from './content.ts'

const signal = neverAborted()

export function fullPromises(promises: Promises, roomBytes: number): void {
  promises(
    'C23 full is told as full, nothing half is left, and room helps at once',
    async ({ lab, target }) => {
      const bytes = seededBytes(1, Math.ceil(roomBytes / 4))
      let stored = 0
      let full: unknown
      while (full === undefined && stored < 5) {
        try {
          await put(target, volumeName(stored), bytes)
          stored += 1
        } catch (error) {
          if (!isPullbackError(error, 'DestinationFull')) throw error
          full = error
        }
      }
      expect(full).toMatchObject({ code: 'DestinationFull', retry: 'after-change' })
      const names = Array.from({ length: stored }, (_, at) => volumeName(at))
      expect((await lab.names()).sort()).toEqual(names)
      await target.delete(volumeName(0), signal)
      await put(target, volumeName(9), bytes)
      expect(await listed(target)).toEqual([...names.slice(1), volumeName(9)])
      for (const name of await listed(target)) expect((await get(target, name)).equals(bytes)).toBe(true)
    },
  )
}

// The suite's promises about `get` and `stat`: exact bytes, exact ranges, and what is said of names that are absent.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { systemClock } from '../../base/clock.ts'
import type { Promises } from '../suite.ts'
import { get, listed, put, seededBytes, seededNumbers, volumeName } from './content.ts'

const signal = neverAborted()

export function readPromises(
  promises: Promises,
  { seed, largestBytes }: { readonly seed: number; readonly largestBytes: number },
): void {
  exactBytes(promises, seed, largestBytes)
  aroundTheBytes(promises, seed)
}

function exactBytes(promises: Promises, seed: number, largestBytes: number): void {
  promises('C02 an absent name is told as such, and trying again is not advised', async ({ target }) => {
    const missing = { code: 'DestinationFileMissing', retry: 'no' }
    await expect(get(target, volumeName(1))).rejects.toMatchObject(missing)
    await expect(get(target, volumeName(1), [0, 1])).rejects.toMatchObject(missing)
    expect(await target.stat(volumeName(1), signal)).toBeUndefined()
  })

  promises(
    'C04, C05 files of all sizes come back as they went, and are shown with their size',
    async ({ target }) => {
      const number = seededNumbers(seed)
      const random = Array.from({ length: 20 }, () => number(largestBytes))
      const sizes = [0, 1, 1000, 1_000_000, 256 * 1024, 1024 * 1024, 1024 * 1024 + 1, ...random]
      for (const [at, sizeBytes] of sizes.entries()) {
        const bytes = seededBytes(seed + at, sizeBytes)
        await put(target, volumeName(at), bytes)
        expect((await get(target, volumeName(at))).equals(bytes), `${sizeBytes} bytes`).toBe(true)
        expect(await target.stat(volumeName(at), signal)).toMatchObject({ name: volumeName(at), sizeBytes })
      }
      const files = await Array.fromAsync(target.list(signal))
      const found = files.sort((a, b) => (a.name < b.name ? -1 : 1)).map((file) => file.sizeBytes)
      expect(found).toEqual(sizes)
    },
  )

  promises(
    'C06 any range is exact, and one over the end is an error but not an absence',
    async ({ target }) => {
      const bytes = seededBytes(seed, 300_000)
      await put(target, volumeName(1), bytes)
      const number = seededNumbers(seed)
      for (let round = 0; round < 50; round += 1) {
        const from = number(bytes.length)
        const to = round % 10 === 0 ? bytes.length : from + number(bytes.length - from)
        expect((await get(target, volumeName(1), [from, to])).equals(bytes.subarray(from, to))).toBe(true)
      }
      const over = [
        [0, 300_001],
        [300_000, 300_001],
        [400_000, 400_001],
      ] as const
      for (const [from, to] of over) {
        const reading = get(target, volumeName(1), [from, to])
        await expect(reading).rejects.toMatchObject({ code: 'DestinationFailed' })
      }
    },
  )
}

function aroundTheBytes(promises: Promises, seed: number): void {
  promises('C14 what was acknowledged is there for the next connection', async ({ lab, target }) => {
    const bytes = seededBytes(seed, 70_000)
    await put(target, volumeName(1), bytes)
    await target.close()
    const next = lab.connect()
    await next.open({ create: false }, signal)
    expect((await get(next, volumeName(1))).equals(bytes)).toBe(true)
    await next.close()
  })

  promises('C22 a reader may stop or break at any chunk, and the next call works', async ({ target }) => {
    const bytes = seededBytes(seed, 3 * 1024 * 1024)
    await put(target, volumeName(1), bytes)
    const broken = new Error('the reader broke')
    const reading = async (): Promise<void> => {
      for await (const chunk of target.get(volumeName(1), { signal })) if (chunk.length > 0) throw broken
    }
    await expect(reading()).rejects.toBe(broken)
    for await (const chunk of target.get(volumeName(1), { signal })) if (chunk.length > 0) break
    expect((await get(target, volumeName(1))).equals(bytes)).toBe(true)
    expect(await listed(target)).toEqual([volumeName(1)])
  })

  promises('C33 a new file bears the time of now, within three minutes', async ({ target }) => {
    await put(target, volumeName(1), Buffer.from('1'))
    const file = await target.stat(volumeName(1), signal)
    expect(Math.abs((file?.modifiedMs ?? 0) - systemClock.nowMs())).toBeLessThan(180_000)
  })
}

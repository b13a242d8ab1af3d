// The suite's promises about `put`: whole or nothing, never over an existing file, and nothing left of a failure.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { sha256 } from '../../base/hash.ts'
import type { Promises } from '../suite.ts'
import { breakingAfter, chunksOf, contentOf, get, listed, put, seededBytes, volumeName } from './content.ts'

const signal = neverAborted()
const name = volumeName(1)

export function putPromises(
  promises: Promises,
  { seed, caseSensitive }: { readonly seed: number; readonly caseSensitive: boolean },
): void {
  const bytes = seededBytes(seed, 600_000)
  whatWasAnnounced(promises, bytes)
  underItsName(promises, bytes)
  attemptsAtOnce(promises, bytes)

  if (!caseSensitive) return
  promises('C32 names that differ in case only are two files', async ({ target }) => {
    await put(target, 'duplicati-bAa.dblock.zip', Buffer.from('1'))
    await put(target, 'duplicati-baA.dblock.zip', Buffer.from('2'))
    expect(await get(target, 'duplicati-bAa.dblock.zip')).toEqual(Buffer.from('1'))
    expect(await get(target, 'duplicati-baA.dblock.zip')).toEqual(Buffer.from('2'))
  })
}

function whatWasAnnounced(promises: Promises, bytes: Buffer): void {
  const failed = { code: 'DestinationFailed' }

  promises(
    'C07 content shorter or longer than announced is refused and leaves nothing',
    async ({ lab, target }) => {
      const wrongOnes = [Buffer.alloc(0), bytes.subarray(0, 599_999), Buffer.concat([bytes, Buffer.alloc(1)])]
      for (const wrong of wrongOnes) {
        const content = { ...contentOf(wrong), sizeBytes: bytes.length }
        await expect(target.put(name, content, signal)).rejects.toMatchObject(failed)
        expect(await lab.names()).toEqual([])
      }
    },
  )

  promises('C07 content that does not end is refused at its first byte too many', async ({ lab, target }) => {
    let given = 0
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (; given < 100; given += 1) yield Buffer.alloc(100_000)
    }
    const content = contentOf(bytes, { open: endless })
    await expect(target.put(name, content, signal)).rejects.toMatchObject(failed)
    expect(given).toBe(6)
    expect(await lab.names()).toEqual([])
  })

  promises(
    'C08, C12 a stream that breaks comes back as it broke, leaves nothing, and may be tried again',
    async ({ lab, target }) => {
      for (let tenths = 0; tenths <= 10; tenths += 1) {
        const broken = new Error(`the stream broke after ${tenths} tenths`)
        const before = await lab.names()
        const head = bytes.subarray(0, (bytes.length * tenths) / 10)
        const content = contentOf(bytes, { open: () => breakingAfter(head, broken) })
        await expect(target.put(volumeName(tenths), content, signal)).rejects.toBe(broken)
        expect(await lab.names()).toEqual(before)
        await put(target, volumeName(tenths), bytes)
        expect((await get(target, volumeName(tenths))).equals(bytes)).toBe(true)
      }
    },
  )

  promises(
    'C09 content of another hash than announced is refused and leaves nothing',
    async ({ lab, target }) => {
      const content = { ...contentOf(bytes), sha256: sha256(Buffer.from('something else')) }
      await expect(target.put(name, content, signal)).rejects.toMatchObject(failed)
      expect(await lab.names()).toEqual([])
    },
  )
}

function underItsName(promises: Promises, bytes: Buffer): void {
  promises('C10 put onto an existing name is refused and leaves the old bytes', async ({ lab, target }) => {
    await put(target, name, Buffer.from('old'))
    const taken = { code: 'DestinationNameTaken', retry: 'no' }
    await expect(put(target, name, bytes)).rejects.toMatchObject(taken)
    expect(await get(target, name)).toEqual(Buffer.from('old'))
    expect(await lab.names()).toEqual([name])
  })

  promises('C11 nobody ever sees less than the whole file under its name', async ({ lab, target }) => {
    const other = lab.connect()
    await other.open({ create: false }, signal)
    const looked = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunksOf(bytes, 50_000)) {
        yield chunk
        expect(await other.stat(name, signal)).toBeUndefined()
        expect(await listed(other)).toEqual([])
      }
    }
    const state = { ended: false }
    const putting = target.put(name, contentOf(bytes, { open: looked }), signal)
    const ending = putting.finally(() => {
      state.ended = true
    })
    const sizes = new Set<number | undefined>()
    while (!state.ended) sizes.add((await other.stat(name, signal))?.sizeBytes)
    await ending
    sizes.add((await other.stat(name, signal))?.sizeBytes)
    expect([...sizes]).toEqual([undefined, bytes.length])
    await other.close()
  })

  promises('C19 list and stat agree with each put and delete at once', async ({ target }) => {
    for (let round = 0; round < 5; round += 1) {
      await put(target, name, Buffer.from('x'))
      expect(await listed(target)).toEqual([name])
      expect(await target.stat(name, signal)).toMatchObject({ sizeBytes: 1 })
      await target.delete(name, signal)
      expect(await listed(target)).toEqual([])
      expect(await target.stat(name, signal)).toBeUndefined()
    }
  })
}

function attemptsAtOnce(promises: Promises, bytes: Buffer): void {
  promises(
    'C13 an attempt that fails late does not touch what another one stored',
    async ({ lab, target }) => {
      const broken = new Error('the first attempt broke')
      const gate = Promise.withResolvers<void>()
      const late = async function* (): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 300_000)
        await gate.promise
        throw broken
      }
      const first = target.put(name, contentOf(bytes, { open: late }), signal)
      const firstEnds = expect(first).rejects.toBe(broken)
      await put(target, name, bytes)
      gate.resolve()
      await firstEnds
      expect((await get(target, name)).equals(bytes)).toBe(true)
      expect(await lab.names()).toEqual([name])
    },
  )

  promises('C13 of attempts that race for one name exactly one wins', async ({ lab, target }) => {
    const attempts = Array.from({ length: 5 }, (_, at) => Buffer.from(`attempt ${at}`))
    const results = await Promise.allSettled(attempts.map((attempt) => put(target, name, attempt)))
    const winners = attempts.filter((_, at) => results[at]?.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    expect(await get(target, name)).toEqual(winners[0])
    expect(await lab.names()).toEqual([name])
  })
}

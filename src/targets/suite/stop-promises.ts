// The suite's promises about stopping: every verb ends in `Cancelled`, soon, and leaves nothing behind.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import { contentOf, get, put, volumeName } from './content.ts'

const name = volumeName(1)
const cancelled = { code: 'Cancelled' }

export function stopPromises(promises: Promises): void {
  promises('C25 a put is stopped while its stream is silent, and leaves nothing', async ({ lab, target }) => {
    const stop = new AbortController()
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(300_000)
      stop.abort()
      await new Promise(() => undefined)
    }
    const content = contentOf(Buffer.alloc(600_000), { open: silent })
    await expect(target.put(name, content, stop.signal)).rejects.toMatchObject(cancelled)
    expect(await lab.names()).toEqual([])
    await put(target, name, Buffer.from('the next one'))
    expect(await get(target, name)).toEqual(Buffer.from('the next one'))
  })

  promises('C25 a put is stopped between two chunks, and closes its stream', async ({ lab, target }) => {
    const stop = new AbortController()
    let closed = false
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (let at = 0; at < 100; at += 1) {
          yield Buffer.alloc(10_000)
          if (at === 50) stop.abort()
        }
      } finally {
        closed = true
      }
    }
    const content = contentOf(Buffer.alloc(1_000_000), { open: endless })
    await expect(target.put(name, content, stop.signal)).rejects.toMatchObject(cancelled)
    expect(closed).toBe(true)
    expect(await lab.names()).toEqual([])
  })

  promises('C25 a get is stopped between two chunks', async ({ target }) => {
    await put(target, name, Buffer.alloc(3 * 1024 * 1024))
    const stop = new AbortController()
    const reading = async (): Promise<void> => {
      for await (const chunk of target.get(name, { signal: stop.signal })) if (chunk.length > 0) stop.abort()
    }
    await expect(reading()).rejects.toMatchObject(cancelled)
  })

  promises('C25 no verb begins anything after the stop', async ({ lab, target }) => {
    await put(target, name, Buffer.from('x'))
    const stop = new AbortController()
    stop.abort()
    const { signal } = stop
    const calls: (() => Promise<unknown>)[] = [
      () => target.open({ create: true }, signal),
      () => Array.fromAsync(target.list(signal)),
      () => target.stat(name, signal),
      () => target.put(volumeName(2), contentOf(Buffer.from('y')), signal),
      () => Array.fromAsync(target.get(name, { signal })),
      () => target.delete(name, signal),
      () => target.space(signal),
      () => target.sweep({ abandoned: new Set(), signal }),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject(cancelled)
    expect(await lab.names()).toEqual([name])
    expect(await target.stat(name, neverAborted())).toMatchObject({ sizeBytes: 1 })
  })
}

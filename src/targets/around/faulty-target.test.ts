import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { MemoryFolder, MemoryTarget } from '../memory/memory-target.ts'
import { targetSuite } from '../suite.ts'
import { contentOf, get, listed, put, volumeName } from '../suite/content.ts'
import type { Fault, Moment } from './fault.ts'
import { FaultyTarget } from './faulty-target.ts'

const signal = neverAborted()
const name = volumeName(1)
const bytes = Buffer.from('0123456789')

targetSuite(
  'a wrapper without faults',
  async () => {
    const folder = new MemoryFolder()
    return {
      connect: () => new FaultyTarget(new MemoryTarget(folder), []),
      plant: async (file, content, modifiedMs = 0) =>
        void folder.files.set(file, { bytes: content, modifiedMs }),
      names: async () => [...folder.files.keys()],
      remove: async () => {
        folder.exists = false
      },
      dispose: async () => undefined,
    }
  },
  { caseSensitive: true, largestBytes: 100_000 },
)

function faulty(...faults: Fault[]): { folder: MemoryFolder; inner: MemoryTarget; target: FaultyTarget } {
  const folder = new MemoryFolder()
  const inner = new MemoryTarget(folder)
  return { folder, inner, target: new FaultyTarget(inner, faults) }
}

describe('a fault', () => {
  const failed = { code: 'DestinationFailed' }
  const error = (verb: Fault['verb'], at: Moment): Fault => {
    return { verb, at, effect: 'error', code: 'DestinationFailed' }
  }

  it.each(['before', 'middle', 'after'] as const)(
    '%s a put fails it; only after, the file is there',
    async (at) => {
      const { folder, target } = faulty(error('put', at))
      await expect(put(target, name, bytes)).rejects.toMatchObject(failed)
      expect([...folder.files.keys()]).toEqual(at === 'after' ? [name] : [])
      expect(target.script.unused).toEqual([])
    },
  )

  it.each([
    ['before', 0],
    ['middle', 1],
    ['after', 2],
  ] as const)('%s a get or a list fails it after %d parts', async (at, parts) => {
    const { inner, target } = faulty(error('get', at), error('list', at))
    await put(inner, name, bytes)
    await put(inner, volumeName(2), bytes)
    const streams: AsyncIterable<unknown>[] = [target.get(name, { signal }), target.list(signal)]
    for (const stream of streams) {
      let seen = 0
      const reading = async (): Promise<void> => {
        for await (const item of stream) if (item) seen += 1
      }
      await expect(reading()).rejects.toMatchObject(failed)
      expect(seen).toBe(parts)
    }
  })

  it('after a delete fails it although the file is gone', async () => {
    const { folder, inner, target } = faulty(error('delete', 'after'))
    await put(inner, name, bytes)
    await expect(target.delete(name, signal)).rejects.toMatchObject(failed)
    expect(folder.files.size).toBe(0)
  })

  it('strikes only the call that it names', async () => {
    const { target } = faulty({ ...error('put', 'before'), nameHolds: '.dindex.', nth: 2 })
    await put(target, name, bytes)
    await put(target, 'duplicati-i1.dindex.zip', bytes)
    await expect(put(target, 'duplicati-i2.dindex.zip', bytes)).rejects.toMatchObject(failed)
    await put(target, 'duplicati-i3.dindex.zip', bytes)
    expect(await listed(target)).toHaveLength(3)
  })

  it('that never struck is told', async () => {
    const fault: Fault = { ...error('put', 'before'), nth: 2 }
    const { target } = faulty(fault)
    await put(target, name, bytes)
    expect(target.script.unused).toEqual([fault])
  })

  it.each(['before', 'middle', 'after'] as const)('that hangs %s ends with the signal', async (at) => {
    const verbs = ['open', 'list', 'stat', 'put', 'get', 'delete', 'space', 'sweep'] as const
    const { inner, target } = faulty(...verbs.map((verb): Fault => ({ verb, at, effect: 'hang' })))
    await put(inner, name, bytes)
    const calls: ((stop: AbortSignal) => Promise<unknown>)[] = [
      (stop) => target.open({ create: true }, stop),
      (stop) => Array.fromAsync(target.list(stop)),
      (stop) => target.stat(name, stop),
      (stop) => target.put(volumeName(2), contentOf(bytes), stop),
      (stop) => Array.fromAsync(target.get(name, { signal: stop })),
      (stop) => target.delete(name, stop),
      (stop) => target.space(stop),
      (stop) => target.sweep({ abandoned: new Set(), signal: stop }),
    ]
    for (const call of calls) {
      const stop = new AbortController()
      const ends = expect(call(stop.signal)).rejects.toMatchObject({ code: 'Cancelled' })
      await new Promise((resolve) => setImmediate(resolve))
      stop.abort()
      await ends
    }
    expect(target.script.unused).toEqual([])
  })

  it('cuts a file short without a word, coming or going', async () => {
    const cut = { effect: 'truncate', keepShare: 0.5, nth: 1 } as const
    const { folder, target } = faulty({ ...cut, verb: 'put' }, { ...cut, verb: 'get' })
    await put(target, name, bytes)
    expect(folder.files.get(name)?.bytes).toEqual(bytes.subarray(0, 5))
    expect(await get(target, name)).toEqual(bytes.subarray(0, 2))
  })

  it('changes one byte without a word, coming or going', async () => {
    const wrong = { effect: 'wrong-byte', atShare: 0.5 } as const
    const { folder, target } = faulty({ ...wrong, verb: 'put' }, { ...wrong, verb: 'get' })
    await put(target, name, bytes)
    expect(folder.files.get(name)?.bytes).toEqual(Buffer.from('0123446789'))
    expect(await get(target, name)).toEqual(bytes)
  })

  it('hears of a call twice: the second put finds the name taken, a list names everything twice', async () => {
    const twice = (['put', 'list', 'delete'] as const).map((verb): Fault => ({ verb, effect: 'twice' }))
    const { inner, target } = faulty(...twice)
    await expect(put(target, name, bytes)).rejects.toMatchObject({ code: 'DestinationNameTaken' })
    expect(await get(inner, name)).toEqual(bytes)
    expect(await listed(target)).toEqual([name, name])
    await target.delete(name, signal)
    expect(await listed(inner)).toEqual([])
  })

  it('shows an old list without a word', async () => {
    const files = [{ name, sizeBytes: 3, modifiedMs: 0 }]
    const { target } = faulty({ verb: 'list', effect: 'stale-list', nth: 1, files })
    expect(await Array.fromAsync(target.list(signal))).toEqual(files)
    expect(await listed(target)).toEqual([])
  })

  it('makes a list short without a word', async () => {
    const { target } = faulty({ verb: 'list', effect: 'short-list', keepShare: 0.5 })
    for (let at = 0; at < 4; at += 1) await put(target, volumeName(at), bytes)
    expect(await listed(target)).toEqual([volumeName(0), volumeName(1)])
  })

  it('slows a call down and changes nothing else', async () => {
    const { target } = faulty({ verb: 'put', effect: 'slow', delayMs: 1 })
    await put(target, name, bytes)
    expect(await get(target, name)).toEqual(bytes)
  })
})

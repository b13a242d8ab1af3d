import { describe, expect, it } from 'vitest'
import { TestTime } from '../../../tests/support/test-time.ts'
import { neverAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import { systemRandomness } from '../../base/randomness.ts'
import { MemoryFolder, MemoryTarget } from '../memory/memory-target.ts'
import { targetSuite, type TargetLab } from '../suite.ts'
import { contentOf, get, listed, put, seededBytes, seededNumbers, volumeName } from '../suite/content.ts'
import type { Target } from '../target.ts'
import type { Fault, Moment } from './fault.ts'
import { FaultyTarget } from './faulty-target.ts'
import { RetryingTarget } from './retrying-target.ts'
import type { TryOptions } from './tries.ts'

const signal = neverAborted()
const name = volumeName(1)
const bytes = seededBytes(1, 200_000)

function retrying(inner: Target, time: TestTime, options: Partial<TryOptions> = {}): RetryingTarget {
  return new RetryingTarget(inner, {
    clock: time,
    pause: time.pause,
    randomness: systemRandomness,
    ...options,
  })
}

/** A place in memory behind a destination that fails as `faults` say. */
function here(
  faults: readonly Fault[],
  options: Partial<TryOptions> = {},
): { folder: MemoryFolder; faulty: FaultyTarget; target: RetryingTarget; time: TestTime } {
  const folder = new MemoryFolder()
  const faulty = new FaultyTarget(new MemoryTarget(folder), faults)
  const time = new TestTime()
  return { folder, faulty, target: retrying(faulty, time, options), time }
}

function labOf(connect: (folder: MemoryFolder) => Target): TargetLab {
  const folder = new MemoryFolder()
  return {
    connect: () => connect(folder),
    plant: async (file, content, modifiedMs = 0) =>
      void folder.files.set(file, { bytes: content, modifiedMs }),
    names: async () => [...folder.files.keys()],
    remove: async () => {
      folder.exists = false
      folder.files.clear()
    },
    dispose: async () => undefined,
  }
}

const failing = (verb: Fault['verb'], at: Moment, nth?: number): Fault => {
  return { verb, at, effect: 'error', code: 'DestinationFailed', ...(nth === undefined ? {} : { nth }) }
}

const capabilities = { caseSensitive: true, largestBytes: 100_000 }

targetSuite(
  'a sound destination that is tried again',
  async () => labOf((folder) => retrying(new MemoryTarget(folder), new TestTime())),
  capabilities,
)

const seed = systemRandomness.bytes(4).readUInt32LE()
targetSuite(
  `a destination that fails now and then and is tried again (faults of seed ${seed})`,
  async () =>
    labOf((folder) => {
      const memory = lettingTimePass(new MemoryTarget(folder))
      return retrying(new FaultyTarget(memory, passingFaults()), new TestTime())
    }),
  capabilities,
)

/** Errors and silences before, in the middle of and after calls; never more than tries make good. */
function passingFaults(): Fault[] {
  const number = seededNumbers(seed)
  const verbs = ['open', 'list', 'put', 'get', 'delete', 'space'] as const
  return verbs.flatMap((verb) =>
    [1, 2, 3].map((): Fault => {
      // A promise watches a first put without ever letting time pass.
      const nth = (verb === 'put' ? 2 : 1) + number(6)
      const effect = number(4) === 0 ? ('hang' as const) : ('error' as const)
      const at = (['before', 'middle', 'after'] as const)[number(3)]
      return { verb, nth, at: at ?? 'before', effect, code: 'DestinationFailed' }
    }),
  )
}

/** Who asks again and again, and never waits for anything but the answers, must not keep time from passing. */
function lettingTimePass(target: MemoryTarget): MemoryTarget {
  const stat = target.stat.bind(target)
  target.stat = async (file, stop) => {
    await new Promise((resolve) => setImmediate(resolve))
    return stat(file, stop)
  }
  return target
}

describe('what fails and passes', () => {
  it.each(['before', 'middle', 'after'] as const)('%s a put is made good, and sent once', async (at) => {
    const { folder, faulty, target } = here([failing('put', at, 1)])
    await put(target, name, bytes)
    expect([...folder.files.values()].map((file) => Buffer.from(file.bytes).equals(bytes))).toEqual([true])
    expect(faulty.script.unused).toEqual([])
  })

  it('after a put is seen by size and hash, though looking fails too', async () => {
    const faults = [failing('put', 'after', 1), failing('stat', 'before', 1), failing('get', 'middle', 1)]
    const { faulty, target } = here(faults)
    await put(target, name, bytes)
    expect(faulty.script.unused).toEqual([])
    expect((await get(target, name)).equals(bytes)).toBe(true)
  })

  it('while something else of that name is there is no success', async () => {
    const { folder, target } = here([failing('put', 'before', 1)])
    folder.files.set(name, { bytes: seededBytes(2, bytes.length), modifiedMs: 0 })
    await expect(put(target, name, bytes)).rejects.toMatchObject({ code: 'DestinationNameTaken' })
    expect(Buffer.from(folder.files.get(name)?.bytes ?? []).equals(bytes)).toBe(false)
  })

  it.each([undefined, { offset: 1000, length: 150_000 }])(
    'in the middle of a get gives each byte once (%o)',
    async (range) => {
      const faults = [1, 2, 3].map((nth) => failing('get', 'middle', nth))
      const { faulty, target } = here(faults)
      await put(target, name, bytes)
      const reading = target.get(name, range ? { range, signal } : { signal })
      const got = Buffer.concat(await Array.fromAsync(reading, (chunk) => Buffer.from(chunk)))
      const wanted = range ? bytes.subarray(range.offset, range.offset + range.length) : bytes
      expect(got.equals(wanted)).toBe(true)
      expect(faulty.script.unused).toEqual([])
    },
  )

  it('after the last byte of a get gives none of them again', async () => {
    const { faulty, target } = here([failing('get', 'after', 1)])
    await put(target, name, bytes)
    expect((await get(target, name)).equals(bytes)).toBe(true)
    expect(faulty.script.unused).toEqual([])
  })

  it('in the middle of a list gives each name once', async () => {
    const { folder, faulty, target } = here([failing('list', 'middle', 1), failing('list', 'after', 2)])
    for (const at of [1, 2, 3, 4]) folder.files.set(volumeName(at), { bytes, modifiedMs: 0 })
    expect(await listed(target)).toEqual([1, 2, 3, 4].map((at) => volumeName(at)))
    expect(faulty.script.unused).toEqual([])
  })
})

describe('what does not pass', () => {
  it('is given up after the tries that were asked for, with the last error', async () => {
    const { target, time } = here([failing('put', 'before')], { retries: 3 })
    await expect(put(target, name, bytes)).rejects.toMatchObject({ code: 'DestinationFailed' })
    const waits = time.pauses.filter((pauseMs) => pauseMs < 30_000)
    expect(waits).toHaveLength(3)
    for (const [at, waitMs] of waits.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual(500 * 2 ** at)
      expect(waitMs).toBeLessThanOrEqual(1000 * 2 ** at)
    }
  })

  it('is not tried at all again when nothing was asked for', async () => {
    const { target, time } = here([failing('stat', 'before')], { retries: 0 })
    await expect(target.stat(name, signal)).rejects.toMatchObject({ code: 'DestinationFailed' })
    expect(time.monotonicMs()).toBe(0)
  })

  it('ends after fifteen minutes, however many tries there were to be', async () => {
    const { target, time } = here([failing('stat', 'before')], { retries: 1000 })
    await expect(target.stat(name, signal)).rejects.toMatchObject({ code: 'DestinationFailed' })
    expect(time.monotonicMs()).toBeLessThanOrEqual(15 * 60_000)
    expect(time.monotonicMs()).toBeGreaterThan(13 * 60_000)
  })

  it('is tried once again even if the wait is longer than the patience', async () => {
    const { target } = here([failing('stat', 'before', 1)], { firstWaitMs: 3_600_000 })
    expect(await target.stat(name, signal)).toBeUndefined()
  })

  it.each(['DestinationFull', 'DestinationPermission', 'DestinationMissing', 'SpoolFull'] as const)(
    'comes back at once if it is %s',
    async (code) => {
      const { target, time } = here([{ verb: 'put', at: 'before', effect: 'error', code }])
      await expect(put(target, name, bytes)).rejects.toMatchObject({ code })
      expect(time.monotonicMs()).toBe(0)
    },
  )

  it('is not the destination’s if the content is not what was announced', async () => {
    const { target, time } = here([])
    const content = { ...contentOf(bytes), sizeBytes: bytes.length + 1 }
    await expect(target.put(name, content, signal)).rejects.toMatchObject({ code: 'DestinationFailed' })
    expect(time.monotonicMs()).toBe(0)
  })
})

describe('a destination without a sign of life', () => {
  it.each(['open', 'list', 'stat', 'put', 'get', 'delete', 'space', 'sweep'] as const)(
    'is given up in a minute and tried again (%s)',
    async (verb) => {
      const { folder, faulty, target, time } = here([{ verb, at: 'before', effect: 'hang', nth: 1 }])
      folder.files.set(volumeName(2), { bytes, modifiedMs: 0 })
      const calls = {
        open: () => target.open({ create: false }, signal),
        list: () => listed(target),
        stat: () => target.stat(name, signal),
        put: () => put(target, name, bytes),
        get: () => get(target, volumeName(2)),
        delete: () => target.delete(volumeName(2), signal),
        space: () => target.space(signal),
        sweep: () => target.sweep({ abandoned: new Set(), signal }),
      }
      await calls[verb]()
      expect(faulty.script.unused).toEqual([])
      const limitMs = verb === 'sweep' ? 15 * 60_000 : 60_000
      expect(time.monotonicMs()).toBeGreaterThanOrEqual(limitMs)
      expect(time.monotonicMs()).toBeLessThan(limitMs + 5000)
    },
  )

  it('says so when it stays silent', async () => {
    const { target } = here([{ verb: 'stat', at: 'before', effect: 'hang' }], { retries: 1 })
    await expect(target.stat(name, signal)).rejects.toMatchObject({
      code: 'DestinationFailed',
      what: expect.stringContaining('did nothing for 60 s') as string,
    })
  })

  it('does not have to wait with a reader who takes his time', async () => {
    const { target, time } = here([])
    await put(target, name, bytes)
    const got: Uint8Array[] = []
    for await (const chunk of target.get(name, { signal })) {
      got.push(Buffer.from(chunk))
      await time.pause(600_000, signal)
    }
    expect(Buffer.concat(got).equals(bytes)).toBe(true)
  })

  it('that never answers, not even to a stop, holds nobody up', async () => {
    const deaf = new MemoryTarget(new MemoryFolder())
    deaf.stat = () => new Promise(() => undefined)
    const target = retrying(deaf, new TestTime(), { retries: 1 })
    await expect(target.stat(name, signal)).rejects.toMatchObject({ code: 'DestinationFailed' })
  })
})

describe('a wait for the next try', () => {
  it('ends with the signal', async () => {
    const stop = new AbortController()
    const { target } = here([failing('put', 'before')], { onWait: (next) => next === 3 && stop.abort() })
    const putting = target.put(name, contentOf(bytes), stop.signal)
    await expect(putting).rejects.toMatchObject({ code: 'Cancelled' })
  })

  it('is told, and that it is over', async () => {
    const told: (number | undefined)[] = []
    const { target } = here([failing('put', 'before', 1), failing('put', 'before', 2)], {
      onWait: (next) => void told.push(next),
    })
    await put(target, name, bytes)
    expect(told).toEqual([2, undefined, 3, undefined])
  })

  it('begins at the delay that was asked for', async () => {
    const { target, time } = here([failing('stat', 'before')], { retries: 2, firstWaitMs: 100_000 })
    await expect(target.stat(name, signal)).rejects.toBeInstanceOf(PullbackError)
    expect(time.monotonicMs()).toBeGreaterThanOrEqual(100_000)
    expect(time.monotonicMs()).toBeLessThanOrEqual(200_000)
  })
})

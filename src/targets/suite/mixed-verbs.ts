// The suite's endurance test: all verbs at once over five connections, in an order drawn from a seed, against a
// model of what must be there.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import type { Target } from '../target.ts'
import { get, listed, put, seededBytes, seededNumbers, volumeName } from './content.ts'

const signal = neverAborted()
const connections = 5
const operationsEach = 60

export function mixedVerbs(promises: Promises, seed: number): void {
  promises(
    `C21 mixed verbs over five connections: no wrong byte, no written name absent`,
    async ({ lab }) => {
      const world: World = { stored: new Map(), names: 0, seed }
      const targets = Array.from({ length: connections }, () => lab.connect())
      await Promise.all(
        targets.map(async (target, at) => {
          await target.open({ create: false }, signal)
          const number = seededNumbers(seed + at)
          for (let count = 0; count < operationsEach; count += 1) await operate(target, world, number)
          await target.close()
        }),
      )
      expect((await lab.names()).sort()).toEqual([...world.stored.keys()].sort())
    },
  )
}

interface World {
  /** Whole files that nobody is deleting. */
  readonly stored: Map<string, Buffer>
  readonly seed: number
  names: number
}

async function operate(target: Target, world: World, number: (bound: number) => number): Promise<void> {
  const { stored, seed } = world
  const verb = number(10)
  const name = [...stored.keys()][number(stored.size || 1)]
  const bytes = name === undefined ? undefined : stored.get(name)
  if (verb < 4 || name === undefined || bytes === undefined) {
    world.names += 1
    const content = seededBytes(seed + world.names, number(100_000))
    const newName = volumeName(world.names)
    await put(target, newName, content)
    stored.set(newName, content)
  } else if (verb === 4) {
    stored.delete(name)
    await target.delete(name, signal)
  } else if (verb === 5) {
    const before = [...stored.keys()]
    const seen = new Set(await listed(target))
    expect(before.filter((expected) => stored.has(expected) && !seen.has(expected))).toEqual([])
  } else if (verb === 6) {
    const file = await target.stat(name, signal)
    if (stored.has(name)) expect(file?.sizeBytes).toBe(bytes.length)
  } else {
    const from = verb < 9 ? 0 : number(bytes.length + 1)
    const found = await unlessDeleted(get(target, name, [from, bytes.length]), () => !stored.has(name))
    if (found) expect(found.equals(bytes.subarray(from))).toBe(true)
  }
}

/** What was read; undefined if it failed and the file was meanwhile deleted by another connection. */
async function unlessDeleted(reading: Promise<Buffer>, deleted: () => boolean): Promise<Buffer | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!deleted()) throw error
    return undefined
  }
}

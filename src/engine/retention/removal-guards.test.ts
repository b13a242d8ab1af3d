import { describe, expect, it } from 'vitest'
import type { Verdict } from './decide-versions.ts'
import { refusalOf, type Circumstances } from './removal-guards.ts'

const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 20)
const usual: Circumstances = {
  nowMs,
  newestBeforeMs: nowMs - dayMs,
  indexRebuilt: false,
  foreignVolumes: false,
  isConfirmed: false,
}

/** `k` and `d` are full versions that are kept or deleted, capitals partial ones; `p` is a pinned one to be deleted. */
function verdicts(letters: string): Verdict[] {
  return letters.split('').map((letter, at): Verdict => {
    const facts = {
      timeMs: nowMs - at * dayMs,
      isFull: letter === letter.toLowerCase(),
      isPinned: letter === 'p',
    }
    return letter.toLowerCase() === 'k'
      ? { ...facts, keep: true, reasons: [{ why: 'no-rule' }] }
      : { ...facts, keep: false, reasons: [{ why: 'named' }] }
  })
}

describe('a removal', () => {
  it.each([
    ['kkdd', {}, undefined],
    ['kdd', {}, 'more-than-half'],
    ['kdd', { isConfirmed: true }, undefined],
    ['Kd', { isConfirmed: true }, 'last-full'],
    ['KD', { isConfirmed: true }, undefined],
    ['DD', { isConfirmed: true }, 'last-full'],
    ['kp', { isConfirmed: true }, 'pinned'],
    ['kd', { newestBeforeMs: nowMs + 59_000 }, undefined],
    ['kd', { newestBeforeMs: nowMs + 61_000 }, 'clock-behind'],
    ['kd', { newestBeforeMs: nowMs + 61_000, isConfirmed: true }, undefined],
    ['kd', { newestBeforeMs: nowMs - 101 * dayMs }, 'clock-ahead'],
    ['kd', { newestBeforeMs: nowMs - 101 * dayMs, isConfirmed: true }, undefined],
    ['kd', { indexRebuilt: true, isConfirmed: true }, 'index-rebuilt'],
    ['kd', { foreignVolumes: true, isConfirmed: true }, 'foreign-volumes'],
    ['kk', { indexRebuilt: true, foreignVolumes: true }, undefined],
  ] as const)('of %s with %o is answered by: %s', (letters, changes, guard) => {
    expect(refusalOf(verdicts(letters), { ...usual, ...changes })?.guard).toBe(guard)
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entryTimeSeconds, entryTimeText, unknownTime } from './dlist-entry.ts'

describe('the time of an entry', () => {
  it('is UTC in whole seconds', () => {
    expect(entryTimeText(1_700_000_000)).toBe('20231114T221320Z')
    expect(entryTimeText(-0.5)).toBe('19691231T235959Z')
    expect(entryTimeSeconds('20231114T221320Z')).toBe(1_700_000_000)
  })

  it('comes back unchanged, from the year 1 to 9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: unknownTime, max: 253_402_300_799 }), (seconds) => {
        expect(entryTimeSeconds(entryTimeText(seconds))).toBe(seconds)
      }),
    )
    expect(entryTimeText(Number.NEGATIVE_INFINITY)).toBe('00010101T000000Z')
    expect(entryTimeText(1e15)).toBe('99991231T235959Z')
  })

  it('may be unknown', () => {
    expect(entryTimeText(unknownTime)).toBe('00010101T000000Z')
    for (const text of [
      '00010101T000000Z',
      '00000000T000000Z',
      '2023-11-14',
      '20231114T221320',
      '',
      7,
      undefined,
    ]) {
      expect(entryTimeSeconds(text)).toBe(unknownTime)
    }
  })
})

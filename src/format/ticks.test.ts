import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nsFromTicks, ticksFromNs } from './ticks.ts'

describe('ticks', () => {
  it('count 100 nanoseconds since the year 1', () => {
    expect(ticksFromNs(0n)).toBe(621_355_968_000_000_000n)
    expect(ticksFromNs(1_700_000_000_000_000_000n)).toBe(638_355_968_000_000_000n)
    expect(nsFromTicks(0n)).toBe(-62_135_596_800n * 1_000_000_000n)
  })

  it('come back from nanoseconds unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n }), (ticks) => {
        expect(ticksFromNs(nsFromTicks(ticks))).toBe(ticks)
        expect(ticksFromNs(nsFromTicks(ticks) + 99n)).toBe(ticks)
      }),
    )
  })

  it('stop at the years 1 and 9999', () => {
    expect(ticksFromNs(-(10n ** 30n))).toBe(0n)
    expect(ticksFromNs(10n ** 30n)).toBe(3_155_378_975_999_999_999n)
  })
})

import { randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deflatedIfSmaller, inflated } from './raw-deflate.ts'

const text = Buffer.from('all the king’s horses and all the king’s men, '.repeat(200))

describe('deflating a content', () => {
  it('gives what every inflater reads, at each level and time after time', () => {
    for (const level of [1, 9, 6, 1]) {
      for (const length of [40, 0, 1, text.length, 300]) {
        const content = text.subarray(0, length)
        const deflated = deflatedIfSmaller(content, level)
        if (length > 200) expect(deflated?.length).toBeLessThan(length)
        if (deflated) expect(inflateRawSync(deflated).equals(content)).toBe(true)
      }
    }
  })

  it('says so where that makes nothing smaller', () => {
    expect(deflatedIfSmaller(randomBytes(5000), 1)).toBeUndefined()
    expect(deflatedIfSmaller(Buffer.alloc(0), 9)).toBeUndefined()
    expect(deflatedIfSmaller(Buffer.from('a'), 9)).toBeUndefined()
  })
})

describe('inflating', () => {
  it('gives back what was deflated, in memory of its own', () => {
    const one = inflated(deflateRawSync(text), text.length)
    const other = inflated(deflateRawSync(Buffer.from('other')), 5)
    expect([one?.equals(text), other?.toString()]).toEqual([true, 'other'])
  })

  it('refuses more than may be, damage and a missing end, and goes on with the next', () => {
    const deflated = deflateRawSync(text)
    const damaged = Buffer.from(deflated)
    damaged.fill(0xff, 3)
    expect(inflated(deflated, text.length - 1)).toBeUndefined()
    expect(inflated(damaged, text.length)).toBeUndefined()
    expect(inflated(deflated.subarray(0, -2), text.length)).toBeUndefined()
    expect(inflated(Buffer.alloc(0), 10)).toBeUndefined()
    expect(inflated(deflated, text.length)?.equals(text)).toBe(true)
  })
})

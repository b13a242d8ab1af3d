import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteGather } from './byte-gather.ts'

describe('gathered bytes', () => {
  it('come out in order and in full pieces, however they went in', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.integer({ min: 1, max: 20 }),
      (parts, room) => {
        const got: Buffer[] = []
        const gather = new ByteGather(room, (bytes) => got.push(Buffer.from(bytes)))
        for (const part of parts) gather.add(part)
        gather.flush()
        const all = Buffer.concat(parts)
        expect(Buffer.concat(got)).toEqual(all)
        expect(gather.addedBytes).toBe(all.length)
        expect(got.slice(0, -1).every((piece) => piece.length === room)).toBe(true)
        expect(got.every((piece) => piece.length > 0)).toBe(true)
      },
    )
    fc.assert(property)
  })
})

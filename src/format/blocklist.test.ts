import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AssertionFailed } from '../base/assert.ts'
import { sha256 } from '../base/hash.ts'
import { blockCount, blocklistCount, cutBlocklists, hashesPerBlocklist, isBlocklist } from './blocklist.ts'

function hashesOfContent(content: Buffer, blocksizeBytes: number): Buffer {
  const hashes: Buffer[] = []
  for (let at = 0; at < content.length; at += blocksizeBytes) {
    hashes.push(sha256(content.subarray(at, at + blocksizeBytes)))
  }
  return Buffer.concat(hashes)
}

function namesOf(hashes: Buffer): string[] {
  return [...cutBlocklists(hashes, 1024)].map((list) => sha256(list).toString('base64'))
}

describe('blocklists', () => {
  it('of the worked examples have the names that stock gives them', () => {
    const three = Buffer.from(Array.from({ length: 2500 }, (_, at) => at % 251))
    expect(namesOf(hashesOfContent(three, 1024))).toEqual(['OKWrCqYGnGfU/MYV8ze8yck+tQqOxWczva2uoOTwnsA='])
    const forty = Buffer.from(
      Array.from({ length: 40_000 }, (_, at) => (7 * at + Math.floor(at / 256)) % 256),
    )
    expect(namesOf(hashesOfContent(forty, 1024))).toEqual([
      'KtjeT5ClkAEeWXkOq/Dd/DPWkFrkblLSmBZbsxYUtT8=',
      '/TwBXPJr41Q5HO1MQu9o/OusxmMD2/gztqxc4fUOOUk=',
    ])
  })

  it('are as many as the size of the content asks for', () => {
    expect(hashesPerBlocklist(1024 * 1024)).toBe(32_768)
    expect(hashesPerBlocklist(1000)).toBe(31)
    expect([0, 1, 1024, 1025].map((size) => blockCount(size, 1024))).toEqual([0, 1, 1, 2])
    expect([0, 1024, 1025, 32 * 1024, 32 * 1024 + 1].map((size) => blocklistCount(size, 1024))).toEqual([
      0, 0, 1, 1, 2,
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 500 }),
        fc.integer({ min: 32, max: 3000 }),
        (blocks, blocksize) => {
          const lists = [...cutBlocklists(Buffer.alloc(blocks * 32), blocksize)]
          expect(lists.length).toBe(blocklistCount(blocks * blocksize, blocksize))
          expect(lists.slice(0, -1).every((list) => list.length === hashesPerBlocklist(blocksize) * 32)).toBe(
            true,
          )
          expect(Buffer.concat(lists).length).toBe(blocks * 32)
        },
      ),
    )
  })

  it('are never made of pieces of hashes, or of a single one', () => {
    expect(() => [...cutBlocklists(Buffer.alloc(65), 1024)]).toThrow(AssertionFailed)
    expect(() => [...cutBlocklists(Buffer.alloc(32), 1024)]).toThrow(AssertionFailed)
  })

  it('are known by their hash, and by having a length that can be', () => {
    const check = (bytes: Buffer, hash = sha256(bytes)): boolean =>
      isBlocklist(bytes, { hash, blocksizeBytes: 100 })
    expect(check(Buffer.alloc(64))).toBe(true)
    expect(check(Buffer.alloc(96))).toBe(true)
    expect(check(Buffer.alloc(128))).toBe(false)
    expect(check(Buffer.alloc(65))).toBe(false)
    expect(check(Buffer.alloc(0))).toBe(false)
    expect(check(Buffer.alloc(64), sha256(Buffer.alloc(32)))).toBe(false)
  })
})

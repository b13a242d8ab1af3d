import { describe, expect, it } from 'vitest'
import { systemRandomness } from '../base/randomness.ts'
import { isFileName, isLeftover, nameWithin, temporaryName } from './file-name.ts'

const volume = 'duplicati-b0123456789abcdef0123456789abcdef.dblock.zip.aes'

describe('a temporary name', () => {
  it('holds its final name, and is another one each time', () => {
    const first = temporaryName(volume, systemRandomness)
    expect(first).toMatch(/^tmp-x[0-9a-f]{8}-duplicati-b/)
    expect(nameWithin(first)).toBe(volume)
    expect(temporaryName(volume, systemRandomness)).not.toBe(first)
  })

  it('is not a name that a file of a backup can have', () => {
    expect(isFileName(temporaryName(volume, systemRandomness))).toBe(false)
    expect(isFileName(volume)).toBe(true)
  })

  it('is shorter than 256 bytes for the longest name', () => {
    const longest = 'é'.repeat(120)
    expect(isFileName(longest)).toBe(true)
    expect(isFileName(`${longest}x`)).toBe(false)
    expect(Buffer.byteLength(temporaryName(longest, systemRandomness))).toBeLessThan(256)
  })
})

describe('a leftover', () => {
  const nowMs = 1_700_000_000_000
  const weekMs = 7 * 24 * 3600 * 1000
  const file = (name: string, modifiedMs: number) => ({ name, sizeBytes: 1, modifiedMs })
  const leftover = `tmp-x01234567-${volume}`

  it('is a temporary name that is more than a week old', () => {
    const known = { abandoned: new Set<string>(), nowMs }
    expect(isLeftover(file(leftover, nowMs - weekMs - 1), known)).toBe(true)
    expect(isLeftover(file(leftover, nowMs - weekMs), known)).toBe(false)
    expect(isLeftover(file(leftover, nowMs + weekMs), known)).toBe(false)
  })

  it('is a temporary name of an upload known as abandoned, of any age', () => {
    const known = { abandoned: new Set([volume]), nowMs }
    expect(isLeftover(file(leftover, nowMs), known)).toBe(true)
    expect(isLeftover(file(volume, 0), known)).toBe(false)
  })

  it.each([
    volume,
    'tmp-x01234567-notes.txt',
    `tmp-x0123-${volume}`,
    `tmp-X01234567-${volume}`,
    `x${leftover}`,
  ])('is never %s', (name) => {
    expect(isLeftover(file(name, 0), { abandoned: new Set(), nowMs })).toBe(false)
  })
})

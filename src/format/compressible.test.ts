import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isCompressibleName, looksCompressible } from './compressible.ts'

/** The same noise in every run. */
function noise(sizeBytes: number): Buffer {
  const hashes: Buffer[] = []
  for (let made = 0; made < sizeBytes; made += 64) {
    hashes.push(createHash('sha512').update(String(made)).digest())
  }
  return Buffer.concat(hashes).subarray(0, sizeBytes)
}

const source = readFileSync(new URL(import.meta.url))
const text = Buffer.alloc(100 * 1024, source)

describe('a name', () => {
  it.each(['holiday.jpg', 'HOLIDAY.JPG', 'a.tar.gz', 'x.zst', '.7z'])(
    'such as %s says: compressed',
    (name) => {
      expect(isCompressibleName(name)).toBe(false)
    },
  )

  it.each(['letter.txt', 'jpg', 'jpg.txt', 'Makefile', 'end.', '', 'a.jpg.bak', '.bashrc'])(
    'such as "%s" says nothing',
    (name) => {
      expect(isCompressibleName(name)).toBe(true)
    },
  )
})

describe('a block', () => {
  it('of noise looks random', () => {
    expect(looksCompressible(noise(100 * 1024))).toBe(false)
    expect(looksCompressible(noise(4097))).toBe(false)
  })

  it('of deflated text looks random', () => {
    const words = noise(1 << 16).toString('hex')
    const packed = deflateRawSync(words)
    expect(looksCompressible(packed)).toBe(false)
  })

  it('of noise behind a header of zeros looks random', () => {
    expect(looksCompressible(Buffer.concat([Buffer.alloc(8192), noise(100 * 1024)]))).toBe(false)
  })

  it('of text, of zeros, or of noise in hex looks compressible', () => {
    expect(looksCompressible(text)).toBe(true)
    expect(looksCompressible(Buffer.alloc(100 * 1024))).toBe(true)
    expect(looksCompressible(Buffer.from(noise(50 * 1024).toString('hex')))).toBe(true)
  })

  it('that is small passes', () => {
    expect(looksCompressible(noise(4096))).toBe(true)
    expect(looksCompressible(Buffer.alloc(0))).toBe(true)
  })
})

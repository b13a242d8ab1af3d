import { createHash } from 'node:crypto'
import { crc32, inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesAsSource } from '../byte-source.ts'
import { DeflatePieces } from './deflate-pieces.ts'
import { openZip } from './zip-reader.ts'
import { deflateMethod, endRecords, storedMethod } from './zip-records.ts'
import { ZipWriter } from './zip-writer.ts'

function archiveOf(write: (zip: ZipWriter) => void): Buffer {
  const pieces: Buffer[] = []
  const zip = new ZipWriter((bytes) => pieces.push(Buffer.from(bytes)))
  write(zip)
  zip.finish()
  return Buffer.concat(pieces)
}

function noise(sizeBytes: number): Buffer {
  const hashes: Buffer[] = []
  for (let made = 0; made < sizeBytes; made += 64) {
    hashes.push(createHash('sha512').update(String(made)).digest())
  }
  return Buffer.concat(hashes).subarray(0, sizeBytes)
}

const text = Buffer.alloc(100_000, 'the same words over and over, ')

describe('an archive', () => {
  it('has, for every set of contents, names and levels, what was put in', () => {
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 700 }),
      fc.string({ maxLength: 700 }).map((words) => Buffer.from(words.repeat(3))),
    )
    const entry = fc.record({ content: contents, level: fc.integer({ min: 0, max: 9 }) })
    const names = fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => !name.includes('\\'))
    fc.assert(
      fc.property(fc.dictionary(names, entry), (entries) => {
        const bytes = archiveOf((zip) => {
          for (const [name, { content, level }] of Object.entries(entries)) zip.add(name, content, { level })
        })
        const archive = openZip(bytesAsSource(bytes))
        expect([...archive.entries.keys()]).toEqual(Object.keys(entries))
        for (const [name, { content }] of Object.entries(entries)) {
          expect(archive.read(name, content.length)).toEqual(Buffer.from(content))
        }
      }),
    )
  })

  it('deflates what gets smaller by it, and stores what does not', () => {
    const bytes = archiveOf((zip) => {
      zip.add('text', text, { level: 1 })
      zip.add('text at level 0', text, { level: 0 })
      zip.add('noise', noise(5000), { level: 9 })
      zip.add('empty', Buffer.alloc(0), { level: 9 })
    })
    const { entries } = openZip(bytesAsSource(bytes))
    const methods = [...entries.values()].map(({ method }) => method)
    expect(methods).toEqual([deflateMethod, storedMethod, storedMethod, storedMethod])
  })

  it('is byte for byte the same each time', () => {
    const write = (zip: ZipWriter): void => zip.add('text', text, { level: 6 })
    expect(archiveOf(write)).toEqual(archiveOf(write))
  })

  it('of one small entry is, byte for byte, the plainest that the format knows', () => {
    const bytes = archiveOf((zip) => zip.add('a', Buffer.from('x'), { level: 1 }))
    const common = '1400 0000 0000 0000 2100 8316dc8c 01000000 01000000 0100 0000'
    const hex = [
      `504b0304 ${common} 61 78`,
      `504b0102 1400 ${common} 0000 0000 0000 00000000 00000000 61`,
      '504b0506 0000 0000 0100 0100 2f000000 20000000 0000',
    ]
    expect(bytes.toString('hex')).toBe(hex.join('').replaceAll(' ', ''))
  })

  it('reaches the sink in large pieces', () => {
    const sizes: number[] = []
    const zip = new ZipWriter((bytes) => sizes.push(bytes.length))
    for (let count = 0; count < 5000; count += 1) zip.add(String(count), noise(190), { level: 1 })
    zip.add('large', noise(300_000), { level: 0 })
    zip.finish()
    expect(sizes.slice(0, -1).every((size) => size >= 64 * 1024)).toBe(true)
  })

  it('takes the content as it is when it is added: the memory may be used again', () => {
    const memory = Buffer.from('first')
    const bytes = archiveOf((zip) => {
      zip.add('one', memory, { level: 0 })
      memory.write('later')
      zip.add('two', memory, { level: 0 })
    })
    expect(openZip(bytesAsSource(bytes)).read('one', 9).toString()).toBe('first')
  })

  it('refuses a name twice, a name of nothing, and anything after its end', () => {
    const zip = new ZipWriter(() => {})
    zip.add('a', text, { level: 0 })
    expect(() => zip.add('a', text, { level: 0 })).toThrow('added once')
    expect(() => zip.add('', text, { level: 0 })).toThrow('fits')
    zip.finish()
    expect(() => zip.add('b', text, { level: 0 })).toThrow('has ended')
    expect(() => zip.finish()).toThrow('ends once')
  })
})

describe('a long content', () => {
  it.each([0, 1, 1024 * 1024 - 1, 1024 * 1024, 2_500_000])(
    'of %i bytes is deflated in pieces that are one stream',
    (size) => {
      const content = Buffer.alloc(size, text)
      const deflated: Buffer[] = []
      const pieces = new DeflatePieces(1, (piece) => deflated.push(piece))
      for (let at = 0; at < size; at += 70_001) pieces.add(content.subarray(at, at + 70_001))
      const facts = pieces.finish()
      const compressedBytes = deflated.reduce((sum, piece) => sum + piece.length, 0)
      expect(facts).toEqual({ crc: crc32(content), sizeBytes: size, compressedBytes })
      expect(inflateRawSync(Buffer.concat(deflated)).equals(content)).toBe(true)
      const bytes = archiveOf((zip) => {
        zip.addDeflated('long', facts, deflated)
        zip.add('next', text, { level: 1 })
      })
      const archive = openZip(bytesAsSource(bytes))
      expect(archive.read('long', size).equals(content)).toBe(true)
      expect(archive.read('next', text.length).equals(text)).toBe(true)
    },
  )

  it('must have the length that was announced', () => {
    const zip = new ZipWriter(() => {})
    const facts = { crc: 0, sizeBytes: 9, compressedBytes: 9 }
    expect(() => zip.addDeflated('a', facts, [Buffer.alloc(8)])).toThrow('as long as')
  })
})

describe('the 64-bit form of the end', () => {
  const bytesOfEnd = 22

  it.each([
    { entryCount: 65_534, offset: 0xfffffffe, sizeBytes: 0xfffffffe },
    { entryCount: 0, offset: 0, sizeBytes: 0 },
  ])('is left out where nothing needs it: %o', (place) => {
    expect(endRecords(place).length).toBe(bytesOfEnd)
  })

  it.each([
    { entryCount: 65_535, offset: 0, sizeBytes: 0 },
    { entryCount: 0, offset: 0xffffffff, sizeBytes: 0 },
    { entryCount: 0, offset: 0, sizeBytes: 0xffffffff },
  ])('is written where a number needs it: %o', (place) => {
    expect(endRecords(place).length).toBe(56 + 20 + bytesOfEnd)
  })
})

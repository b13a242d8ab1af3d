import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesAsSource } from '../byte-source.ts'
import { openZip } from './zip-reader.ts'
import { directoryRecord, localHeader, sizesRecord, type ZipEntry } from './zip-records.ts'
import { ZipStream } from './zip-stream.ts'

const look = { unixMode: 0o100_640, modifiedS: 1_700_000_000 }

function archiveOf(write: (zip: ZipStream) => void): Buffer {
  const pieces: Buffer[] = []
  const directory: Buffer[] = []
  const zip = new ZipStream({
    sink: (bytes) => pieces.push(Buffer.from(bytes)),
    directory: { keep: (bytes) => directory.push(Buffer.from(bytes)), pieces: () => directory },
  })
  write(zip)
  zip.finish()
  return Buffer.concat(pieces)
}

describe('an archive for people', () => {
  it('has every content that was put in, as a whole or in pieces', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 })
    const level = fc.integer({ min: 0, max: 9 })
    fc.assert(
      fc.property(fc.array(fc.record({ pieces, level, atOnce: fc.boolean() })), (entries) => {
        const bytes = archiveOf((zip) => {
          for (const [at, { pieces: parts, level: chosen, atOnce }] of entries.entries()) {
            const content = Buffer.concat(parts)
            const entry = { name: Buffer.from(`entry ${at}`), ...look }
            if (atOnce) {
              zip.add(entry, content, { level: chosen })
              continue
            }
            zip.begin(entry, { sizeBytes: content.length, level: chosen })
            for (const part of parts) zip.write(part)
            zip.end()
          }
        })
        const archive = openZip(bytesAsSource(bytes))
        expect(archive.entries.size).toBe(entries.length)
        for (const [at, { pieces: parts }] of entries.entries()) {
          const content = Buffer.concat(parts)
          expect(archive.read(`entry ${at}`, content.length)).toEqual(content)
        }
      }),
    )
  })

  it('does not list an entry that turned out to be damaged, and lists all others', () => {
    const bytes = archiveOf((zip) => {
      zip.add({ name: Buffer.from('before'), ...look }, Buffer.from('one'), { level: 1 })
      zip.begin({ name: Buffer.from('damaged'), ...look }, { sizeBytes: 10, level: 1 })
      zip.write(Buffer.from('half'))
      zip.abandon()
      zip.add({ name: Buffer.from('after'), ...look }, Buffer.from('two'), { level: 1 })
    })
    const archive = openZip(bytesAsSource(bytes))
    expect([...archive.entries.keys()]).toEqual(['before', 'after'])
    expect(archive.read('after', 10).toString()).toBe('two')
  })
})

describe('a record', () => {
  const limit = 2 ** 32 - 1
  const big: ZipEntry = { method: 8, crc: 1, sizeBytes: 2 ** 32, compressedBytes: 5, headerOffset: 0 }
  const name = Buffer.from('x')

  it('gives sizes 64 bits from 4 GiB less one byte on, and not before', () => {
    for (const [sizeBytes, wide] of [
      [limit - 1, false],
      [limit, true],
      [limit + 1, true],
    ] as const) {
      const record = directoryRecord(name, { ...big, sizeBytes }, look)
      expect(record.readUInt32LE(24)).toBe(wide ? limit : sizeBytes)
      expect(record.readUInt16LE(6)).toBe(wide ? 45 : 20)
      if (!wide) continue
      expect(record.readUInt16LE(47)).toBe(1)
      expect(record.readBigUInt64LE(51)).toBe(BigInt(sizeBytes))
    }
  })

  it('gives a place beyond 4 GiB 64 bits', () => {
    const headerOffset = 2 ** 33 + 7
    const record = directoryRecord(name, { ...big, sizeBytes: 1, headerOffset }, look)
    expect(record.readUInt32LE(42)).toBe(limit)
    expect(record.readBigUInt64LE(51)).toBe(BigInt(headerOffset))
  })

  it('announces sizes that follow, in the width in which they follow', () => {
    for (const mayBeBig of [false, true]) {
      const header = localHeader(name, big, { ...look, sizesFollow: true, mayBeBig })
      expect(header.readUInt16LE(6) & 8).toBe(8)
      expect(header.readUInt32LE(14)).toBe(0)
      expect(header.readUInt32LE(22)).toBe(mayBeBig ? limit : 0)
      expect(header.readUInt16LE(31) === 1).toBe(mayBeBig)
    }
    expect(sizesRecord(big, true).readBigUInt64LE(16)).toBe(2n ** 32n)
    expect(sizesRecord({ ...big, sizeBytes: 77 }, false).readUInt32LE(12)).toBe(77)
  })

  it('marks a name as UTF-8 only if it is, and keeps the bytes of one that is not', () => {
    const plain = { ...big, sizeBytes: 1 }
    const flagOf = (bytes: Buffer): number => localHeader(bytes, plain, look).readUInt16LE(6) & 0x800
    expect(flagOf(Buffer.from('ascii'))).toBe(0)
    expect(flagOf(Buffer.from('é'))).toBe(0x800)
    const raw = Buffer.from([0x63, 0xe9])
    expect(flagOf(raw)).toBe(0)
    expect(localHeader(raw, plain, look).includes(raw)).toBe(true)
  })

  it('has mode and kind as Unix has them, and the time to the second', () => {
    const record = directoryRecord(name, { ...big, sizeBytes: 1 }, look)
    expect(record.readUInt16LE(4) >> 8).toBe(3)
    expect(record.readUInt32LE(38) >>> 16).toBe(0o100_640)
    expect(record.readUInt16LE(47)).toBe(0x5455)
    expect(record.readInt32LE(52)).toBe(1_700_000_000)
    const date = record.readUInt16LE(14)
    const time = record.readUInt16LE(12)
    const told = new Date(
      1980 + (date >> 9),
      ((date >> 5) & 15) - 1,
      date & 31,
      time >> 11,
      (time >> 5) & 63,
      (time & 31) * 2,
    )
    expect(told.getTime()).toBe(1_700_000_000_000)
  })

  it('takes the nearest time that a zip knows for one that it does not', () => {
    const dateAt = (modifiedS: number): number =>
      directoryRecord(name, { ...big, sizeBytes: 1 }, { ...look, modifiedS }).readUInt16LE(14)
    expect(dateAt(-1e10)).toBe(0x21)
    expect(dateAt(1e12)).toBe(0xff9f)
  })
})

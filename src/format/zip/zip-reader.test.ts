import { crc32, deflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../../base/errors.ts'
import { bytesAsSource, type ByteSource } from '../byte-source.ts'
import { openZip, type ZipArchive } from './zip-reader.ts'
import { directoryRecord, endRecords, localHeader, saturated32, type ZipEntry } from './zip-records.ts'
import { ZipWriter } from './zip-writer.ts'

const text = Buffer.from('some text, some more text, and some text again')
const deflated = deflateRawSync(text)

/** An archive put together record by record, each open to change. */
class Bench {
  readonly #pieces: Buffer[] = []
  readonly #records: Buffer[] = []
  #offset = 0

  add(
    name: string,
    changes: Partial<Record<'header' | 'record', (bytes: Buffer) => Buffer | void>> = {},
    after = '',
  ): this {
    const entry: ZipEntry = {
      method: 8,
      crc: crc32(text),
      sizeBytes: text.length,
      compressedBytes: deflated.length,
      headerOffset: this.#offset,
    }
    const header = localHeader(name, entry)
    const record = directoryRecord(name, entry)
    this.raw(changes.header?.(header) ?? header, deflated, Buffer.from(after, 'hex'))
    this.#records.push(changes.record?.(record) ?? record)
    return this
  }

  raw(...bytes: Buffer[]): this {
    this.#pieces.push(...bytes)
    this.#offset += bytes.reduce((sum, piece) => sum + piece.length, 0)
    return this
  }

  bytes(changes: { end?: (bytes: Buffer) => Buffer | void; comment?: string } = {}): Buffer {
    const directory = Buffer.concat(this.#records)
    const end = endRecords({
      entryCount: this.#records.length,
      offset: this.#offset,
      sizeBytes: directory.length,
    })
    const comment = Buffer.from(changes.comment ?? '')
    end.writeUInt16LE(comment.length, end.length - 2)
    return Buffer.concat([...this.#pieces, directory, changes.end?.(end) ?? end, comment])
  }

  open(changes: Parameters<Bench['bytes']>[0] = {}): ZipArchive {
    return openZip(bytesAsSource(this.bytes(changes)))
  }
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    if (isPullbackError(error)) return error.code
    throw error
  }
  return undefined
}

/** Sets the extra field of a header or directory record. */
function withExtra(record: Buffer, hex: string): Buffer {
  const isHeader = record.readUInt32LE(0) === 0x04034b50
  const extra = Buffer.from(hex.replaceAll(' ', ''), 'hex')
  const changed = Buffer.concat([record, extra])
  changed.writeUInt16LE(extra.length, isHeader ? 28 : 30)
  return changed
}

function uint64Hex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes.toString('hex')
}

describe('an archive of another writer is read', () => {
  it('with a comment, even one that looks like an end', () => {
    expect(new Bench().add('a').open({ comment: 'made by hand' }).read('a', 99)).toEqual(text)
    expect(
      new Bench()
        .add('a')
        .open({ comment: `PK\x05\x06${'\0'.repeat(30)}` })
        .read('a', 99),
    ).toEqual(text)
  })

  it('with sizes and checksum behind the data', () => {
    const blank = (header: Buffer): void => {
      header.writeUInt16LE(1 << 3, 6)
      header.fill(0, 14, 26)
    }
    const descriptor = `504b0708 ${'00'.repeat(12)}`.replace(' ', '')
    const archive = new Bench().add('a', { header: blank }, descriptor).add('b').open()
    expect(archive.read('a', 99)).toEqual(text)
    expect(archive.read('b', 99)).toEqual(text)
  })

  it('with `\\` in names', () => {
    expect(new Bench().add('list\\one').open().read('list/one', 99)).toEqual(text)
  })

  it('with 64-bit fields where they are not needed', () => {
    const sizes = `${uint64Hex(text.length)} ${uint64Hex(deflated.length)}`
    const other = 'cafe 0300 010203'
    const archive = new Bench()
      .raw(Buffer.from('something before'))
      .add('a', {
        header: (header) => {
          header.writeUInt32LE(saturated32, 18)
          header.writeUInt32LE(saturated32, 22)
          return withExtra(header, `${other} 0100 1000 ${sizes}`)
        },
        record: (record) => {
          for (const at of [20, 24, 42]) record.writeUInt32LE(saturated32, at)
          return withExtra(record, `${other} 0100 1800 ${sizes} ${uint64Hex('something before'.length)}`)
        },
      })
      .add('b', { header: (header) => withExtra(header, `0100 1000 ${sizes}`) })
      .open()
    expect(archive.read('a', 99)).toEqual(text)
    expect(archive.read('b', 99)).toEqual(text)
  })

  it('with an extra field so long that it is not read along with the header', () => {
    const long = `feca ff7f ${'00'.repeat(0x7fff)}`
    const archive = new Bench().add('a', { header: (header) => withExtra(header, long) }).open()
    expect(archive.read('a', 99)).toEqual(text)
    expect(archive.rawEntry('a').offset).toBe(31 + 4 + 0x7fff)
  })

  it('with its directory in another order', () => {
    const bytes = new Bench().add('a').add('b').bytes()
    const start = bytes.length - 22 - 2 * 47
    const first = Buffer.from(bytes.subarray(start, start + 47))
    bytes.copy(bytes, start, start + 47, start + 94)
    first.copy(bytes, start + 47)
    const archive = openZip(bytesAsSource(bytes))
    expect([...archive.entries.keys()]).toEqual(['b', 'a'])
    expect(archive.read('a', 99)).toEqual(text)
  })

  it('with a name twice: the last counts', () => {
    const bytes = new Bench().add('a').add('b').bytes()
    const second = bytes.indexOf('b', 31 + deflated.length)
    bytes.write('a', second)
    bytes.write('a', bytes.length - 23)
    const archive = openZip(bytesAsSource(bytes))
    expect([...archive.entries.keys()]).toEqual(['a'])
    expect(archive.rawEntry('a').offset).toBeGreaterThan(second)
  })

  it('without any entry', () => {
    expect(new Bench().open().entries.size).toBe(0)
  })
})

describe('the data of an entry', () => {
  it('is found without being read', () => {
    const bytes = new Bench().add('a').add('b').bytes()
    const { offset, ...facts } = openZip(bytesAsSource(bytes)).rawEntry('b')
    const { length } = deflated
    expect(facts).toEqual({ method: 8, compressedBytes: length, sizeBytes: text.length, crc: crc32(text) })
    expect(bytes.subarray(offset, offset + length)).toEqual(deflated)
  })

  it('is not read where it is larger than the caller allows', () => {
    const archive = new Bench().add('a').open()
    expect(archive.read('a', text.length)).toEqual(text)
    expect(() => archive.read('a', text.length - 1)).toThrow(`at most ${text.length - 1}`)
  })
})

describe('an archive is refused', () => {
  it.each<[string, Bench]>([
    ['data', new Bench().add('a', { record: (record) => void record.writeUInt32LE(1, 16) })],
    ['header name', new Bench().add('a', { header: (header) => void header.write('b', 30) })],
    ['header method', new Bench().add('a', { header: (header) => void header.writeUInt16LE(0, 8) })],
    ['header CRC', new Bench().add('a', { header: (header) => void header.writeUInt32LE(1, 14) })],
    ['header size', new Bench().add('a', { header: (header) => void header.writeUInt32LE(1, 22) })],
    ['header signature', new Bench().add('a', { header: (header) => void header.write('x') })],
    ['size', new Bench().add('a', { record: (record) => void record.writeUInt32LE(1 << 30, 24) })],
    ['stored size', new Bench().add('a', { record: (record) => void record.writeUInt16LE(0, 10) })],
    ['offset', new Bench().add('a', { record: (record) => void record.writeUInt32LE(1, 42) })],
    ['far offset', new Bench().add('a', { record: (record) => void record.writeUInt32LE(1 << 30, 42) })],
    [
      '64-bit number',
      new Bench().add('a', { record: (record) => void record.writeUInt32LE(saturated32, 42) }),
    ],
    ['overlap', new Bench().add('a').add('b', { record: (record) => void record.writeUInt32LE(4, 42) })],
  ])('as damaged where its %s is a lie', (_what, bench) => {
    expect(
      codeOf(() => [...bench.open().entries.keys()].map((name) => bench.open().read(name, 1 << 31))),
    ).toBe('VolumeDamaged')
  })

  it.each<[string, (end: Buffer) => void]>([
    ['number of entries', (end) => void end.writeUInt16LE(2, 10)],
    ['number of 65,535 entries', (end) => void end.writeUInt16LE(0xffff, 10)],
    ['part number', (end) => void end.writeUInt16LE(1, 4)],
    ['size of the directory', (end) => void end.writeUInt32LE(1 << 20, 12)],
    ['size of the directory, by one', (end) => void end.writeUInt32LE(46, 12)],
    ['place of the directory', (end) => void end.writeUInt32LE(1 << 20, 16)],
    ['comment', (end) => void end.writeUInt16LE(1, 20)],
  ])('as damaged where its end has a wrong %s', (_what, end) => {
    expect(codeOf(() => new Bench().add('a').open({ end }))).toBe('VolumeDamaged')
  })

  it('as damaged where an entry is asked for that it lacks', () => {
    expect(() => new Bench().add('a').open().read('b', 1)).toThrow('no entry "b"')
  })

  it.each([
    [14, 'LZMA'],
    [93, 'Zstandard'],
    [77, 'unknown'],
  ])('as unsupported where an entry has method %i, %s; other entries are read', (method, name) => {
    const change = (record: Buffer): void => void record.writeUInt16LE(method, 10)
    const archive = new Bench().add('a', { record: change }).add('b').open()
    expect(() => archive.read('a', 99)).toThrow(`method ${method} (${name})`)
    expect(codeOf(() => archive.rawEntry('a'))).toBe('FormatUnsupported')
    expect(archive.read('b', 99)).toEqual(text)
  })

  it('as unsupported where an entry has a password', () => {
    const archive = new Bench().add('a', { record: (record) => void record.writeUInt16LE(1, 8) }).open()
    expect(codeOf(() => archive.read('a', 99))).toBe('FormatUnsupported')
  })

  it('before memory is taken for what a bomb claims', () => {
    const zeros = Buffer.alloc(1 << 20)
    const bomb: Buffer[] = []
    const zip = new ZipWriter((bytes) => bomb.push(Buffer.from(bytes)))
    zip.add('zeros', zeros, { level: 9 })
    zip.finish()
    const bytes = Buffer.concat(bomb)
    // Both places that tell the size say 1000.
    bytes.writeUInt32LE(1000, 22)
    bytes.writeUInt32LE(1000, bytes.length - 22 - 51 + 24)
    expect(codeOf(() => openZip(bytesAsSource(bytes)).read('zeros', 1000))).toBe('VolumeDamaged')
  })
})

describe('whatever the bytes are', () => {
  const contents = new Map([
    ['manifest', Buffer.from('{"Version":2}')],
    ['stored', Buffer.from([1, 2, 3])],
    ['deflated', Buffer.alloc(500, 'again and ')],
    ['empty', Buffer.alloc(0)],
  ])
  const pieces: Buffer[] = []
  const zip = new ZipWriter((bytes) => pieces.push(Buffer.from(bytes)))
  for (const [name, content] of contents) zip.add(name, content, { level: 1 })
  zip.finish()
  const valid = Buffer.concat(pieces)

  /** Everything that can be read, or a named error. */
  function readAll(bytes: Buffer): Buffer[] {
    const read: Buffer[] = []
    const code = codeOf(() => {
      const archive = openZip(bytesAsSource(bytes))
      for (const name of archive.entries.keys()) {
        const failed = codeOf(() => {
          archive.rawEntry(name)
          read.push(archive.read(name, 1000))
        })
        expect([undefined, 'VolumeDamaged', 'FormatUnsupported']).toContain(failed)
      }
    })
    expect([undefined, 'VolumeDamaged']).toContain(code)
    return read
  }

  it('they are an archive or a named error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readAll(Buffer.from(bytes))))
  })

  it('no change of one byte gives a content that nobody wrote', () => {
    const written = [...contents.values()]
    for (let at = 0; at < valid.length; at += 1) {
      for (const change of [0x01, 0x80, 0xff]) {
        const bytes = Buffer.from(valid)
        bytes[at] = (bytes[at] ?? 0) ^ change
        for (const content of readAll(bytes)) expect(written.some((one) => one.equals(content))).toBe(true)
      }
    }
  })

  it('several changes end in an archive or a named error', () => {
    const change = fc.tuple(fc.nat(valid.length - 1), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(valid)
        for (const [at, value] of changes) bytes[at] = value
        readAll(bytes)
      }),
      { numRuns: 500 },
    )
  })

  it('what is cut off anywhere is damaged', () => {
    for (let length = 0; length < valid.length; length += 1) {
      expect(codeOf(() => openZip(bytesAsSource(valid.subarray(0, length))))).toBe('VolumeDamaged')
    }
  })

  it('an error of the source passes through', () => {
    const trouble = new Error('the disk is gone')
    const source: ByteSource = {
      sizeBytes: 1000,
      read: () => {
        throw trouble
      },
      readInto: () => {
        throw trouble
      },
    }
    expect(() => openZip(source)).toThrow(trouble)
  })
})

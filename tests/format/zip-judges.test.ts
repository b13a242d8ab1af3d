// Archives that Pullback writes, judged by programs that share no code with it, and archives of theirs read by
// Pullback.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPromise } from 'yauzl'
import { bytesAsSource, type ByteSource } from '../../src/format/byte-source.ts'
import { DeflatePieces } from '../../src/format/zip/deflate-pieces.ts'
import { openZip } from '../../src/format/zip/zip-reader.ts'
import { ZipWriter } from '../../src/format/zip/zip-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const missing = (program: string): boolean => spawnSync(program, ['--help']).error !== undefined
const python3Missing = missing('python3')
const unzipMissing = missing('unzip')

const zeros = Buffer.alloc(1 << 28)
const text = Buffer.alloc(100_000, 'the same words over and over, ')

/** Runs a program that must be content; what it says. */
function run(program: string, ...args: string[]): string {
  const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (done.status !== 0) throw new Error(`${program} is not content: ${done.stdout}${done.stderr}`)
  return done.stdout
}

/** An archive in a file, in which runs of zeros take no space on the disk. */
function writeArchive(path: string, write: (zip: ZipWriter) => void): void {
  const descriptor = openSync(path, 'w')
  let at = 0
  const zip = new ZipWriter((bytes) => {
    if (Buffer.compare(bytes, zeros.subarray(0, bytes.length)) !== 0)
      writeSync(descriptor, bytes, 0, bytes.length, at)
    at += bytes.length
  })
  write(zip)
  zip.finish()
  closeSync(descriptor)
}

function fileSource(path: string): ByteSource {
  const descriptor = openSync(path, 'r')
  onTestFinished(() => closeSync(descriptor))
  return {
    sizeBytes: statSync(path).size,
    read(offset, length) {
      const bytes = Buffer.alloc(length)
      this.readInto(bytes, offset)
      return bytes
    },
    readInto(memory, offset) {
      expect(readSync(descriptor, memory, 0, memory.length, offset)).toBe(memory.length)
    },
  }
}

function ordinaryArchive(): string {
  const path = join(tempFolder(), 'ordinary.zip')
  const deflated: Buffer[] = []
  const pieces = new DeflatePieces(1, (piece) => deflated.push(piece))
  for (let count = 0; count < 30; count += 1) pieces.add(text)
  const facts = pieces.finish()
  writeArchive(path, (zip) => {
    zip.add('manifest', Buffer.from('{}'), { level: 1 })
    zip.add('stored', text, { level: 0 })
    zip.add('deflated', text, { level: 9 })
    zip.add('extra/ünïcode', Buffer.from('x'), { level: 1 })
    zip.addDeflated('in pieces', facts, deflated)
    zip.add('empty', Buffer.alloc(0), { level: 1 })
  })
  return path
}

/** Prints the names of an archive after every CRC has been checked. */
const listByPython = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print('\\n'.join(archive.namelist()))
`

describe('an archive of Pullback', () => {
  it('is sound to yauzl, names, sizes and contents', async () => {
    const path = ordinaryArchive()
    const ours = openZip(bytesAsSource(readFileSync(path)))
    const theirs = await openPromise(path)
    const names: string[] = []
    for await (const entry of theirs.eachEntry()) {
      const chunks: Buffer[] = []
      for await (const chunk of await theirs.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
      expect(Buffer.concat(chunks).equals(ours.read(entry.fileName, 1 << 24))).toBe(true)
      names.push(entry.fileName)
    }
    expect(names).toEqual([...ours.entries.keys()])
  })

  it.skipIf(unzipMissing)('is sound to unzip', () => {
    expect(run('unzip', '-t', ordinaryArchive())).toContain('No errors detected')
  })

  it.skipIf(python3Missing)('is sound to Python', () => {
    const names = run('python3', '-c', listByPython, ordinaryArchive()).trim().split('\n')
    expect(names).toEqual(['manifest', 'stored', 'deflated', 'extra/ünïcode', 'in pieces', 'empty'])
  })

  it.skipIf(python3Missing)('may have more than 65,535 entries', () => {
    const path = join(tempFolder(), 'many.zip')
    writeArchive(path, (zip) => {
      for (let count = 0; count < 70_000; count += 1)
        zip.add(`entry ${count}`, Buffer.from(String(count)), { level: 0 })
    })
    expect(run('python3', '-c', listByPython, path).trim().split('\n').length).toBe(70_000)
    const archive = openZip(bytesAsSource(readFileSync(path)))
    expect(archive.entries.size).toBe(70_000)
    expect(archive.read('entry 69999', 9).toString()).toBe('69999')
  })

  it.skipIf(python3Missing)('may have an entry of more than 4 GiB, and a directory behind 4 GiB', () => {
    const path = join(tempFolder(), 'large.zip')
    const deflated: Buffer[] = []
    const pieces = new DeflatePieces(1, (piece) => deflated.push(piece))
    for (let count = 0; count < 17; count += 1) pieces.add(zeros)
    const large = pieces.finish()
    writeArchive(path, (zip) => {
      zip.addDeflated('large', large, deflated)
      for (let count = 0; count < 17; count += 1) zip.add(`filler ${count}`, zeros, { level: 0 })
      zip.add('last', text, { level: 1 })
    })
    const readByPython = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    large = archive.getinfo('large')
    last = archive.getinfo('last')
    assert last.header_offset > 1 << 32
    print(large.file_size, large.CRC, archive.read(last) == b'the same words over and over, ' * 3333 + b'the same w')
`
    expect(run('python3', '-c', readByPython, path).trim()).toBe(`${large.sizeBytes} ${large.crc} True`)
    expect(large.sizeBytes).toBeGreaterThan(2 ** 32)
    const archive = openZip(fileSource(path))
    expect(archive.rawEntry('large').sizeBytes).toBe(large.sizeBytes)
    expect(archive.read('last', text.length).equals(text)).toBe(true)
  })
})

/**
 * Writes to a pipe, so that sizes follow the data; with 64-bit fields, a comment, a name twice, and a foreign method.
 */
const writeByPython = `
import sys, warnings, zipfile
warnings.simplefilter('ignore')
class Pipe:
    def __init__(self, file): self.file = file
    def write(self, data): return self.file.write(data)
    def flush(self): self.file.flush()
with open(sys.argv[1], 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.comment = b'by Python'
    archive.writestr('deflated', b'text ' * 100)
    archive.writestr('stored', b'text', zipfile.ZIP_STORED)
    archive.writestr('twice', b'first')
    archive.writestr('twice', b'second')
    archive.writestr('lzma', b'text' * 100, zipfile.ZIP_LZMA)
    with archive.open('wide', 'w', force_zip64=True) as entry: entry.write(b'wide')
with zipfile.ZipFile(sys.argv[1] + '.seekable', 'w', zipfile.ZIP_DEFLATED) as archive:
    with archive.open('wide', 'w', force_zip64=True) as entry: entry.write(b'wide ' * 100)
`

describe.skipIf(python3Missing)('an archive of Python', () => {
  it('is read: sizes behind the data, 64-bit fields, a comment, a name twice', () => {
    const path = join(tempFolder(), 'python.zip')
    run('python3', '-c', writeByPython, path)
    const archive = openZip(bytesAsSource(readFileSync(path)))
    const contents = ['deflated', 'stored', 'twice', 'wide'].map((name) =>
      archive.read(name, 1000).toString(),
    )
    expect(contents).toEqual(['text '.repeat(100), 'text', 'second', 'wide'])
    expect(() => archive.read('lzma', 1000)).toThrow('method 14 (LZMA)')
    const wide = openZip(bytesAsSource(readFileSync(`${path}.seekable`)))
    expect(wide.read('wide', 1000).toString()).toBe('wide '.repeat(100))
  })
})

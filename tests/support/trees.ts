// Source trees for tests: one with every awkward kind of entry there is, and one with many small files. All content
// follows from the path, so that a tree made twice is the same twice. Names are bytes.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'

export interface AwkwardTreeOptions {
  /** The block size of the backup under test: files are made of exactly one, and of thousands of them. */
  readonly blockBytes?: number
  /** How many blocks the biggest file has. 3,300 needs two block lists at 100 KiB, and many at a small block size. */
  readonly manyBlocks?: number
}

const deepLevels = 20

/**
 * Fills a folder with every kind of entry that has ever broken a backup program: names, contents, links, modes, times
 * and special files.
 */
export function awkwardTree(folder: string, options: AwkwardTreeOptions = {}): void {
  const { blockBytes = 1024, manyBlocks = 3300 } = options
  mkdirSync(folder, { recursive: true })
  const at = (...parts: (string | Buffer)[]): Buffer => pathOf(folder, ...parts)
  writeNames(at)
  writeContents(at, { blockBytes, manyBlocks })
  writeDepth(at)
  writeLinks(at)
  writeTimes(at)
  writeSpecials(at('special'))
  writeModes(at)
}

/** Names that need care, as bytes; `awkwardTree` makes a file of each in `names/`. */
const awkwardNames: readonly Buffer[] = [
  Buffer.from('not-utf8-\xff\xfe-caf\xe9', 'latin1'),
  Buffer.from('\x80', 'latin1'),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('line\nbreak'),
  Buffer.from('carriage\rreturn'),
  Buffer.from('tab\tand\x01control\x7f'),
  Buffer.from('\x1b[31mred\x1b[0m'),
  Buffer.from(' leading and trailing '),
  Buffer.from('"double" \'single\' `back`'),
  Buffer.from('back\\slash'),
  Buffer.from('\\'),
  Buffer.from('-rf'),
  Buffer.from('--help'),
  Buffer.from('.hidden'),
  Buffer.from('...'),
  Buffer.from('~'),
  Buffer.from('*?[a-z]{x,y}$HOME;&|<>#!%25'),
  Buffer.from('C:'),
  Buffer.from('CON'),
  Buffer.from('trailing.'),
  Buffer.from('case'),
  Buffer.from('CASE'),
  Buffer.from('caf\u00e9'),
  Buffer.from('cafe\u0301'),
  Buffer.from('日本語のファイル名'),
  Buffer.from('שלום עולם'),
  Buffer.from('Ελληνικά и русский'),
  Buffer.from('👩‍👩‍👧‍👦 family'),
  Buffer.from('\ufeffbom'),
  Buffer.from('\ufffd'),
  Buffer.from('\u202egnp.exe'),
  Buffer.from('long-'.padEnd(255, 'x')),
]

/** `count` small files with content of their own in folders of 100, 40 to 1,000 bytes each. */
export function manyFiles(folder: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const parent = `${folder}/d${String(Math.floor(index / 100)).padStart(4, '0')}`
    if (index % 100 === 0) mkdirSync(parent, { recursive: true })
    const name = `file-${String(index).padStart(6, '0')}.txt`
    writeFileSync(`${parent}/${name}`, contentOf(name, 40 + ((index * 37) % 961)))
  }
}

/** Bytes that do not compress and follow from a seed. */
export function contentOf(seed: string, lengthBytes: number): Buffer {
  const made = createHash('shake256', { outputLength: Math.max(1, lengthBytes) })
    .update(seed)
    .digest()
  return made.subarray(0, lengthBytes)
}

/** A path of parts that may be bytes. */
export function pathOf(folder: string | Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  const pieces = parts.flatMap((part) => [Buffer.from('/'), Buffer.from(part)])
  return Buffer.concat([Buffer.from(folder), ...pieces])
}

type At = (...parts: (string | Buffer)[]) => Buffer

function writeNames(at: At): void {
  mkdirSync(at('names'))
  for (const name of awkwardNames) writeFileSync(at('names', name), contentOf(name.toString('hex'), 77))
  mkdirSync(at('names', Buffer.from('folder \xff\n', 'latin1')))
  writeFileSync(at('names', Buffer.from('folder \xff\n', 'latin1'), Buffer.from('\xfe', 'latin1')), 'below')
}

function writeContents(at: At, { blockBytes, manyBlocks }: Required<AwkwardTreeOptions>): void {
  mkdirSync(at('contents'))
  const lengths = new Map([
    ['empty', 0],
    ['one-byte', 1],
    ['block-less-one', blockBytes - 1],
    ['one-block', blockBytes],
    ['block-and-one', blockBytes + 1],
    ['three-blocks', 3 * blockBytes],
    ['many-blocks', manyBlocks * blockBytes + 5],
  ])
  for (const [name, length] of lengths) writeFileSync(at('contents', name), contentOf(name, length))
  writeFileSync(at('contents', 'zeros'), Buffer.alloc(5 * blockBytes))
  writeFileSync(at('contents', 'same-block-thrice'), Buffer.alloc(3 * blockBytes, contentOf('b', blockBytes)))
  writeFileSync(at('contents', 'duplicate-of-three-blocks'), contentOf('three-blocks', 3 * blockBytes))
  linkSync(at('contents', 'one-block'), at('contents', 'hard-link-to-one-block'))
}

function writeDepth(at: At): void {
  const levels = Array.from({ length: deepLevels }, (_, index) => `level ${index + 1}`)
  mkdirSync(at('deep', ...levels), { recursive: true })
  writeFileSync(at('deep', ...levels, 'at the bottom'), 'deep')
  mkdirSync(at('empty folder'))
}

function writeLinks(at: At): void {
  mkdirSync(at('links'))
  symlinkSync('nowhere/to be found', at('links', 'dangling'))
  symlinkSync('../contents/one-block', at('links', 'to-file'))
  symlinkSync('../deep', at('links', 'to-folder'))
  symlinkSync('..', at('links', 'to-parent'))
  symlinkSync('/etc/passwd', at('links', 'absolute'))
  symlinkSync('loop', at('links', 'loop'))
  symlinkSync(Buffer.from('not-utf8-\xff\ntarget', 'latin1'), at('links', Buffer.from('\xff-link', 'latin1')))
  symlinkSync('t'.repeat(4000), at('links', 'long-target'))
}

function writeTimes(at: At): void {
  mkdirSync(at('times'))
  const times = new Map([
    ['before-1970', -86_400 * 365.25],
    ['zero', 0],
    ['after-2038', 2 ** 31 + 12_345],
    ['with-nanoseconds', 1_234_567_890.123_456],
    ['after-2106', 2 ** 32 + 1000],
  ])
  for (const [name, seconds] of times) {
    writeFileSync(at('times', name), name)
    utimesSync(at('times', name), seconds, seconds)
  }
}

function writeSpecials(folder: Buffer): void {
  mkdirSync(folder)
  const made = spawnSync('mkfifo', [pathOf(folder, 'pipe').toString()], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`mkfifo: ${made.stderr}`)
  // Closing a listener removes its socket, so the socket is made by a process that is ended.
  const listen = `require('net').createServer().listen('socket', () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', listen], { cwd: folder.toString() })
}

function writeModes(at: At): void {
  mkdirSync(at('modes'))
  const modes = [0o4755, 0o2755, 0o6711, 0o1644, 0o600, 0o777, 0o444, 0o000]
  for (const mode of modes) {
    const name = `mode-${mode.toString(8).padStart(4, '0')}`
    writeFileSync(at('modes', name), name)
    chmodSync(at('modes', name), mode)
  }
  for (const mode of [0o1777, 0o2770, 0o555]) {
    const name = `folder-${mode.toString(8).padStart(4, '0')}`
    mkdirSync(at('modes', name))
    writeFileSync(at('modes', name, 'inside'), name)
    chmodSync(at('modes', name), mode)
  }
}

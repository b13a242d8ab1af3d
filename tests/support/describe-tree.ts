// Says what a folder holds, so that two can be compared byte for byte: a restored tree with its source, a served one
// with what arrived. Differences come as sentences a person can read.
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type BigIntStats,
} from 'node:fs'
import { pathOf } from './trees.ts'

export interface DescribedEntry {
  /** Below the root, as latin1: one character for each byte, so nothing is lost. The root is empty. */
  readonly path: string
  readonly type: 'file' | 'folder' | 'link' | 'socket' | 'pipe' | 'device'
  readonly size: bigint
  /** Of the content of a file, hex. */
  readonly sha256?: string
  readonly mode: number
  readonly mtimeNs: bigint
  readonly uid: bigint
  readonly gid: bigint
  /** Latin1, like the path. */
  readonly linkTarget?: string
}

/** All entries of a folder, its own first, in bytewise order of their paths. */
export function describeTree(folder: string): DescribedEntry[] {
  const root = Buffer.from(folder)
  const found: DescribedEntry[] = []
  const todo: Buffer[] = [Buffer.alloc(0)]
  for (let path = todo.pop(); path; path = todo.pop()) {
    const local = path.length === 0 ? root : pathOf(root, path)
    const entry = describeEntry(path, local)
    found.push(entry)
    if (entry.type !== 'folder') continue
    for (const name of readdirSync(local, { encoding: 'buffer' }))
      todo.push(path.length === 0 ? name : pathOf(path, name))
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

type Field = Exclude<keyof DescribedEntry, 'path'>

interface CompareOptions {
  /** Fields that are allowed to differ. */
  readonly ignore?: readonly Field[]
  /** Entries that are not looked at, in either tree. */
  readonly skip?: (entry: DescribedEntry) => boolean
  /** Times are compared in whole units of this many nanoseconds: 1,000,000,000 for what came over SFTP. */
  readonly timeUnitNs?: bigint
}

/** The differences between two trees, given as folders or as described; empty when they are the same. */
export function compareTrees(
  expected: string | readonly DescribedEntry[],
  actual: string | readonly DescribedEntry[],
  options: CompareOptions = {},
): string[] {
  const { skip = () => false } = options
  const left = byPath(expected, skip)
  const right = byPath(actual, skip)
  const differences: string[] = []
  for (const [path, entry] of left) {
    const other = right.get(path)
    if (other) differences.push(...entryDifferences(entry, other, options))
    else differences.push(`${shown(path)}: missing (${entry.type})`)
  }
  for (const [path, entry] of right)
    if (!left.has(path)) differences.push(`${shown(path)}: too many (${entry.type})`)
  return differences
}

const compared: readonly Field[] = ['type', 'size', 'sha256', 'mode', 'mtimeNs', 'uid', 'gid', 'linkTarget']

function entryDifferences(
  expected: DescribedEntry,
  actual: DescribedEntry,
  options: CompareOptions,
): string[] {
  const { ignore = [], timeUnitNs = 1n } = options
  const value = (entry: DescribedEntry, field: Field): string => {
    const raw = field === 'mtimeNs' ? entry.mtimeNs / timeUnitNs : entry[field]
    return field === 'mode' ? entry.mode.toString(8) : String(raw)
  }
  return compared
    .filter((field) => !ignore.includes(field) && value(expected, field) !== value(actual, field))
    .map(
      (field) =>
        `${shown(expected.path)}: ${field} is ${value(actual, field)}, not ${value(expected, field)}`,
    )
}

function byPath(
  tree: string | readonly DescribedEntry[],
  skip: (entry: DescribedEntry) => boolean,
): Map<string, DescribedEntry> {
  const entries = typeof tree === 'string' ? describeTree(tree) : tree
  return new Map(entries.filter((entry) => !skip(entry)).map((entry) => [entry.path, entry]))
}

function shown(path: string): string {
  return path === '' ? 'the root' : JSON.stringify(path)
}

function describeEntry(path: Buffer, local: Buffer): DescribedEntry {
  const stats = lstatSync(local, { bigint: true })
  const type = typeOf(stats)
  return {
    path: path.toString('latin1'),
    type,
    size: type === 'file' ? stats.size : 0n,
    ...(type === 'file' ? { sha256: contentHash(local) } : {}),
    mode: Number(stats.mode & 0o7777n),
    mtimeNs: stats.mtimeNs,
    uid: stats.uid,
    gid: stats.gid,
    ...(type === 'link'
      ? { linkTarget: readlinkSync(local, { encoding: 'buffer' }).toString('latin1') }
      : {}),
  }
}

function typeOf(stats: BigIntStats): DescribedEntry['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  if (stats.isSymbolicLink()) return 'link'
  if (stats.isSocket()) return 'socket'
  return stats.isFIFO() ? 'pipe' : 'device'
}

const chunk = Buffer.alloc(1024 * 1024)

function contentHash(file: Buffer): string {
  const hash = createHash('sha256')
  const fd = openSync(file, constants.O_RDONLY)
  try {
    for (let got = readSync(fd, chunk); got > 0; got = readSync(fd, chunk))
      hash.update(chunk.subarray(0, got))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}

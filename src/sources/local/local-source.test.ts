import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeTree } from '../../../tests/support/describe-tree.ts'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { awkwardTree } from '../../../tests/support/trees.ts'
import { neverAborted } from '../../base/abort.ts'
import { sha256 } from '../../base/hash.ts'
import type { FolderListing } from '../source.ts'
import { sourceSuite } from '../suite.ts'
import { diskTree } from '../suite/disk-tree.ts'
import { entriesOf, entryAt, type Found, listAll, pattern, readFile } from '../suite/reading.ts'
import { LocalSource } from './local-source.ts'
import { withShortPath } from './long-path.ts'
import { namesOf } from './owner-names.ts'

const signal = neverAborted()

sourceSuite(
  'a folder of this machine',
  async () => {
    const folder = tempFolder()
    return {
      tree: diskTree(folder),
      connect: (rootPath = '') => new LocalSource({ path: join(folder, rootPath) }),
      dispose: async () => undefined,
    }
  },
  { timeUnitNs: 1n, timesBefore1970: true, largestBytes: 5_000_000 },
)

describe('a folder of this machine', () => {
  it('is seen as `lstat` and the bytes of its files tell, whatever awkward things it holds', async () => {
    const folder = tempFolder()
    awkwardTree(folder, { blockBytes: 1024, manyBlocks: 1500 })
    const source = await opened(folder)
    const entries = await entriesOf(source)
    const expected = describeTree(folder).filter(({ path }) => path !== '')
    const seen = await Promise.all([...entries].map(([path, found]) => seenAs(source, path, found)))
    seen.sort((one, other) => (one.path < other.path ? -1 : 1))
    expect(seen).toEqual(expected)
  })

  it('names the owner and the group of an entry', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'mine'), 'x')
    const { entry } = await entryAt(await opened(folder), 'mine')
    expect(entry.owner).toBe(userInfo().username)
  })

  it('is read where its paths are longer than the kernel takes', async () => {
    const folder = tempFolder()
    const parts = Array.from({ length: 60 }, (_, level) => `level ${level} `.padEnd(200, 'x'))
    const at = (count: number): Buffer => Buffer.from([folder, ...parts.slice(0, count)].join('/'))
    for (const level of parts.keys()) withShortPath(at(level + 1), (path) => mkdirSync(path))
    withShortPath(Buffer.concat([at(60), Buffer.from('/file')]), (path) => writeFileSync(path, 'deep'))
    withShortPath(Buffer.concat([at(60), Buffer.from('/link')]), (path) => symlinkSync('target', path))
    const source = await opened(folder)
    const listings = await listAll(source)
    expect(listings.filter(({ error, problems }) => error ?? problems.length > 0)).toEqual([])
    const path = [...parts, 'file'].join('/')
    expect(path.length).toBeGreaterThan(12_000)
    expect((await readFile(source, await entryAt(source, path))).content.toString()).toBe('deep')
  })

  it('that is swapped for a link while the scan is on is not followed', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'inside'))
    writeFileSync(join(folder, 'inside/file'), 'x')
    const source = await opened(folder)
    const enter = (): boolean => {
      renameSync(join(folder, 'inside'), join(folder, 'moved'))
      symlinkSync('/etc', join(folder, 'inside'))
      return true
    }
    const listings: FolderListing[] = []
    for await (const listing of source.scan({ signal, enter })) listings.push(listing)
    expect(listings[1]).toMatchObject({ entries: [], error: { code: 'EntryVanished' } })
  })

  it('that disappears as a whole is a lost source, not a tree of vanished files', async () => {
    const parent = tempFolder()
    const folder = join(parent, 'disk')
    mkdirSync(join(folder, 'below'), { recursive: true })
    writeFileSync(join(folder, 'file'), 'x')
    const source = await opened(folder)
    const file = await entryAt(source, 'file')
    const enter = (): boolean => {
      renameSync(folder, join(parent, 'elsewhere'))
      return true
    }
    const lost = { code: 'SourceMissing', kind: 'source-gone' }
    await expect(Array.fromAsync(source.scan({ signal, enter }))).rejects.toMatchObject(lost)
    await expect(readFile(source, file)).rejects.toMatchObject(lost)
  })

  it('whose log file never stops growing is read to the length it had', async () => {
    const folder = tempFolder()
    const log = join(folder, 'log')
    writeFileSync(log, pattern(3_000_000))
    const source = await opened(folder)
    const file = await entryAt(source, 'log')
    const reading = await source.read(file, signal)
    let readBytes = 0
    for await (const chunk of reading.chunks) {
      readBytes += chunk.length
      appendFileSync(log, chunk)
    }
    expect(readBytes).toBe(3_000_000)
    expect(reading.after().sizeBytes).toBeGreaterThan(3_000_000)
  })

  it('opens a file when its content is asked for, and closes those it holds when it is closed', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'long'), pattern(3_000_000))
    const source = await opened(folder)
    const file = await entryAt(source, 'long')
    const readings = await Promise.all(Array.from({ length: 20 }, () => source.read(file, signal)))
    expect(handlesOn(folder)).toBe(0)
    for (const { chunks } of readings) await chunks[Symbol.asyncIterator]().next()
    expect(handlesOn(folder)).toBe(20)
    await source.close()
    expect(handlesOn(folder)).toBe(0)
  })

  it('lets others work while it reads', async () => {
    const folder = tempFolder()
    for (let index = 0; index < 3000; index += 1) writeFileSync(join(folder, `file ${index}`), 'x')
    const source = await opened(folder)
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await entriesOf(source)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
  })
})

describe('the names of owners', () => {
  it('come from lines like those of /etc/passwd, the first one counting', () => {
    const text =
      'root:x:0:0:root:/root:/bin/sh\n# comment\ntoor:x:0:0::/:\nbad\n:x:5:\nada:x:1000:1000::/home/ada:'
    expect(namesOf(text)).toEqual(
      new Map([
        [0, 'root'],
        [1000, 'ada'],
      ]),
    )
  })
})

async function opened(path: string): Promise<LocalSource> {
  const source = new LocalSource({ path })
  await source.open(signal)
  return source
}

/** The entry in the words of `describeTree`. */
async function seenAs(source: LocalSource, path: string, found: Found): Promise<{ path: string }> {
  const { entry } = found
  const { kind, mode, uid, gid, linkTarget } = entry
  const content = kind === 'file' ? (await readFile(source, found)).content : undefined
  return {
    path,
    type: kind,
    size: BigInt(entry.sizeBytes),
    ...(content === undefined ? {} : { sha256: sha256(content).toString('hex') }),
    mode,
    mtimeNs: entry.modifiedNs,
    uid: BigInt(uid),
    gid: BigInt(gid),
    ...(linkTarget === undefined ? {} : { linkTarget: linkTarget.toString('latin1') }),
  } as { path: string }
}

function handlesOn(folder: string): number {
  const listed = spawnSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' })
  return listed.stdout.split('\n').filter((line) => line.includes(folder)).length
}

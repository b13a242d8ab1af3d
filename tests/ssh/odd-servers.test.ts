// Servers that can do little, servers that lie, and trees that are full of surprises.
import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { isPullbackError } from '../../src/base/errors.ts'
import { sha256 } from '../../src/base/hash.ts'
import type { Source } from '../../src/sources/source.ts'
import {
  entriesOf,
  entryAt,
  listAll,
  pattern,
  readFile,
  type Found,
} from '../../src/sources/suite/reading.ts'
import { describeTree } from '../support/describe-tree.ts'
import type { FaultPlan } from '../support/sftp-server/fault-plan.ts'
import { sshdInstalled } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, manyFiles } from '../support/trees.ts'
import { keyLogin, passwordLogin, serverHere, shortLimits, sourceAt, sshdHere } from './ssh-lab.ts'

const signal = neverAborted()
const second = 1_000_000_000n

describe.skipIf(!sshdInstalled())('OpenSSH', () => {
  it('shows a tree of awkward things as it lies on the disk', async () => {
    const folder = tempFolder()
    awkwardTree(folder, { blockBytes: 1024, manyBlocks: 1500 })
    const sshd = await sshdHere()
    await expectSameTree(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }), folder)
  })

  it('with a single session reads files and lists folders over that one', async () => {
    const folder = tempFolder()
    manyFiles(folder, 2500)
    writeFileSync(join(folder, 'long'), pattern(20_000_000))
    const sshd = await sshdHere({ extraLines: ['MaxSessions 1'] })
    await expectSameTree(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }), folder)
  })

  it('without extensions, and so without limits told, serves all the same', async () => {
    const folder = tempFolder()
    awkwardTree(folder, { blockBytes: 1024, manyBlocks: 1500 })
    writeFileSync(join(folder, 'three'), pattern(3 << 20))
    const sshd = await sshdHere({ subsystem: 'internal-sftp -P limits,users-groups-by-id,statvfs,fsync' })
    await expectSameTree(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }), folder)
  })

  it('lists a folder of 5,000 names', async () => {
    const folder = tempFolder()
    for (let index = 0; index < 5000; index++) writeFileSync(join(folder, `file ${index}`), '')
    const sshd = await sshdHere()
    const source = await opened(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }))
    const [listing] = await listAll(source)
    expect(listing?.entries).toHaveLength(5000)
    const names = listing?.entries.map(({ name }) => name) ?? []
    expect(names).toEqual([...names].sort((one, other) => Buffer.compare(one, other)))
  })

  it.each([0, 1, 255 * 1024 - 1, 255 * 1024, 255 * 1024 + 1, 256 * 1024 + 1, 3 << 20, 40 << 20])(
    'gives a file of %i bytes whole',
    async (size) => {
      const folder = tempFolder()
      writeFileSync(join(folder, 'file'), pattern(size))
      const sshd = await sshdHere()
      const source = await opened(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }))
      const { content, after } = await readFile(source, await entryAt(source, 'file'))
      expect(content.length).toBe(size)
      expect(sha256(content)).toEqual(sha256(pattern(size)))
      expect(after.sizeBytes).toBe(size)
    },
  )

  it('may change the keys of the line as often as it likes', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'file'), pattern(40 << 20))
    const sshd = await sshdHere({ extraLines: ['RekeyLimit 1M'] })
    const source = await opened(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }))
    const { content } = await readFile(source, await entryAt(source, 'file'))
    expect(sha256(content)).toEqual(sha256(pattern(40 << 20)))
  })

  it('is asked for sockets, pipes and devices only by name', async () => {
    const folder = tempFolder()
    spawnSync('mkfifo', [join(folder, 'pipe')])
    const listener = createServer().listen(join(folder, 'socket'))
    symlinkSync('pipe', join(folder, 'link'))
    const sshd = await sshdHere()
    const source = await opened(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }))
    const entries = await entriesOf(source)
    listener.close()
    expect([...entries].map(([name, { entry }]) => [name, entry.kind])).toEqual([
      ['link', 'link'],
      ['pipe', 'pipe'],
      ['socket', 'socket'],
    ])
  })

  it('that is blocked by a file turned into a pipe is freed of it, and the other files are read', async () => {
    const folder = tempFolder()
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), pattern(1000))
    const sshd = await sshdHere()
    const source = await opened(sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) }))
    const files = [...(await entriesOf(source)).values()]
    unlinkSync(join(folder, 'b'))
    spawnSync('mkfifo', [join(folder, 'b')])
    const outcomes = await Promise.allSettled(files.map((file) => readFile(source, file)))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { code: 'EntryVanished', kind: 'source-entry' } })
  })

  it('tells its clock, and the names of owners', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'file'), '')
    const sshd = await sshdHere()
    const source = sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) })
    const root = await source.open(signal)
    const differenceS = Number(root.clockNs / second) - Date.now() / 1000
    expect(Math.abs(differenceS)).toBeLessThan(5)
    expect(root.entry.owner).toBe(sshd.user)
    expect((await entryAt(source, 'file')).entry.owner).toBe(sshd.user)
  })

  it('follows a link only where it is the root itself', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'real'))
    writeFileSync(join(folder, 'real', 'file'), 'x')
    symlinkSync('real', join(folder, 'root'))
    const sshd = await sshdHere()
    const source = sourceAt({ port: sshd.port, path: join(folder, 'root'), options: keyLogin(sshd) })
    const root = await source.open(signal)
    expect([root.entry.kind, root.entry.name.toString()]).toEqual(['folder', 'root'])
    expect((await readFile(source, await entryAt(source, 'file'))).content.toString()).toBe('x')
  })
})

describe('a file that changes', () => {
  it('is read as far as it is long when it is opened, and what became of it is told', async () => {
    const folder = tempFolder()
    const server = await serverHere()
    const source = await opened(sourceAt({ port: server.port, path: folder, options: passwordLogin(server) }))
    for (const size of [1000, 2_000_000]) {
      writeFileSync(join(folder, 'file'), pattern(size))
      const listed = await entryAt(source, 'file')
      for (const changed of [size - 500, size + 500, 0, size * 3]) {
        writeFileSync(join(folder, 'file'), pattern(changed))
        const { content, after } = await readFile(source, listed)
        expect(content.equals(pattern(changed))).toBe(true)
        expect(after.sizeBytes).toBe(changed)
      }
    }
  })

  it('by being replaced with something that is no file is left alone', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'file'), 'x')
    const server = await serverHere()
    const source = await opened(sourceAt({ port: server.port, path: folder, options: passwordLogin(server) }))
    const file = await entryAt(source, 'file')
    renameSync(join(folder, 'file'), join(folder, 'other'))
    await expect(readFile(source, file)).rejects.toMatchObject({ code: 'EntryVanished' })
    mkdirSync(join(folder, 'file'))
    await expect(readFile(source, file)).rejects.toMatchObject({ kind: 'source-entry' })
  })
})

describe('a server that', () => {
  it('answers in short pieces is asked again for the rest', async () => {
    let count = 0
    const faults: FaultPlan = ({ verb }) =>
      verb === 'READ' && ++count % 3 !== 0 ? { do: 'short', lengthBytes: 1000 + count } : undefined
    const { source, file, content } = await withFiles(faults)
    for (const one of file) expect((await readFile(source, one)).content.equals(content(one))).toBe(true)
  })

  it.each([
    ['answers a question that was not asked', { do: 'wrong-id' }],
    ['claims a packet of 1 GB', { do: 'claim-length', lengthBytes: 1 << 30 }],
    ['sends more than was asked for', { do: 'surplus', surplusBytes: 10 }],
    ['sends no SFTP at all', { do: 'raw', bytes: Buffer.from('Segmentation fault\n') }],
  ] as const)('%s is not believed', async (_name, fault) => {
    const { source, file } = await withFiles(({ verb }) => (verb === 'READ' ? fault : undefined))
    for (const one of file) {
      await expect(readFile(source, one)).rejects.toMatchObject({
        code: 'SftpViolation',
        kind: 'source-gone',
      })
    }
  })

  it('names entries in ways that lead astray has them left out, each with its reason', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'good'), 'x')
    const names = ['', '..', '.', '../up', 'a/b', '/etc/passwd', 'nul\0byte'].map((name) => Buffer.from(name))
    const faults: FaultPlan = ({ verb, nth }) =>
      verb === 'READDIR' && nth === 1 ? { do: 'names', names } : undefined
    const server = await serverHere({ faults })
    const source = await opened(sourceAt({ port: server.port, path: folder, options: passwordLogin(server) }))
    const [listing] = await listAll(source)
    expect(listing?.entries.map(({ name }) => name.toString())).toEqual(['good'])
    expect(listing?.problems.map(({ error }) => error.code)).toEqual(Array(5).fill('EntryNameUnusable'))
  })

  it('never comes to the end of a folder has that folder left out', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'endless'))
    writeFileSync(join(folder, 'good'), 'x')
    const faults: FaultPlan = ({ verb, path }) =>
      verb === 'READDIR' && path?.toString().endsWith('/endless') ? { do: 'endless' } : undefined
    const server = await serverHere({ faults })
    const limits = { ...shortLimits, folderNames: 10_000 }
    const at = { port: server.port, path: folder, options: passwordLogin(server), limits }
    const listings = await listAll(await opened(sourceAt(at)))
    expect(listings.map(({ error }) => error?.code)).toEqual([undefined, 'FolderUnreadable'])
  })

  it('refuses single files and folders has the rest read', async () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'closed'))
    mkdirSync(join(folder, 'broken'))
    writeFileSync(join(folder, 'closed-file'), 'x')
    const status = (code: number) => ({ do: 'status', code, message: 'Input/output\nerror' }) as const
    const faults: FaultPlan = ({ verb, path }) => {
      const name = path?.toString().split('/').at(-1)
      if (verb === 'OPENDIR' && name === 'closed') return status(3)
      if (verb === 'READDIR' && name === 'broken') return status(4)
      return verb === 'OPEN' && name === 'closed-file' ? status(3) : undefined
    }
    const server = await serverHere({ faults })
    const source = await opened(sourceAt({ port: server.port, path: folder, options: passwordLogin(server) }))
    const listings = await listAll(source)
    const told = new Map(listings.map(({ path, error }) => [path.toString(), error?.what]))
    expect(told.get('')).toBeUndefined()
    expect(told.get('closed')).toBe('the folder closed cannot be listed: permission denied')
    expect(told.get('broken')).toBe('the folder broken cannot be listed: the server says: Input/output error')
    await expect(readFile(source, await entryAt(source, 'closed-file'))).rejects.toMatchObject({
      code: 'EntryUnreadable',
    })
  })

  it('has no folder, or only closed ones, at the root fails as a whole', async () => {
    const server = await serverHere()
    const missing = sourceAt({ port: server.port, path: '/no/such/folder', options: passwordLogin(server) })
    await expect(missing.open(signal)).rejects.toMatchObject({ code: 'SourceMissing' })
    const closed = await serverHere({
      faults: ({ verb }) => (verb === 'OPENDIR' ? { do: 'status', code: 3 } : undefined),
    })
    const at = { port: closed.port, path: tempFolder(), options: passwordLogin(closed) }
    await expect(listAll(await opened(sourceAt(at)))).rejects.toMatchObject({ code: 'SourceUnreadable' })
  })
})

async function opened(source: Source): Promise<Source> {
  await source.open(signal)
  return source
}

/** A small and a long file behind a server with faults. */
async function withFiles(
  faults: FaultPlan,
): Promise<{ source: Source; file: Found[]; content: (file: Found) => Buffer }> {
  const folder = tempFolder()
  writeFileSync(join(folder, 'small'), pattern(20_000))
  writeFileSync(join(folder, 'long'), pattern(1_500_000))
  const server = await serverHere({ faults })
  const source = await opened(sourceAt({ port: server.port, path: folder, options: passwordLogin(server) }))
  const file = [...(await entriesOf(source)).values()]
  return { source, file, content: ({ entry }) => pattern(entry.sizeBytes) }
}

/** Compares everything that SFTP can tell with what lies on the disk. */
async function expectSameTree(source: Source, folder: string): Promise<void> {
  await source.open(signal)
  const seen = await Promise.all(
    [...(await entriesOf(source))].map(async ([path, found]) => seenAs(source, path, found)),
  )
  seen.sort((one, other) => (one.path < other.path ? -1 : 1))
  const expected = describeTree(folder).filter(({ path }) => path !== '')
  expect(seen.map(({ path }) => path)).toEqual(expected.map(({ path }) => path))
  for (const [index, { mtimeNs, ...entry }] of expected.entries()) {
    const { mtimeNs: seenNs, ...seenEntry } = seen[index] ?? { mtimeNs: 0n }
    expect(seenEntry).toEqual({ ...entry, size: entry.type === 'file' ? entry.size : 0n })
    // SFTP 3 has 32 bits of whole seconds.
    if (mtimeNs >= 0n && mtimeNs < 2n ** 32n * second) expect(seenNs / second).toBe(mtimeNs / second)
  }
}

async function seenAs(source: Source, path: string, found: Found) {
  const { kind, sizeBytes, mode, modifiedNs, uid, gid, linkTarget } = found.entry
  const isFile = kind === 'file'
  return {
    path,
    type: kind,
    size: BigInt(sizeBytes),
    mode,
    mtimeNs: modifiedNs,
    uid: BigInt(uid),
    gid: BigInt(gid),
    ...(linkTarget ? { linkTarget: linkTarget.toString('latin1') } : {}),
    ...(isFile
      ? { sha256: sha256((await contentOf(source, found)) ?? Buffer.alloc(0)).toString('hex') }
      : {}),
  }
}

async function contentOf(source: Source, found: Found): Promise<Buffer> {
  try {
    return (await readFile(source, found)).content
  } catch (error) {
    if (isPullbackError(error))
      throw new Error(`${found.path.toString('latin1')}: ${error.what}`, { cause: error })
    throw error
  }
}

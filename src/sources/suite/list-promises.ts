// The suite's promises about listing: everything once, in its place, byte for byte, and nothing beyond.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { FolderListing, SourceEntry } from '../source.ts'
import type { Promises, SourceCapabilities } from '../suite.ts'
import { entriesOf, listAll } from './reading.ts'

const signal = neverAborted()
const secondNs = 1_000_000_000n

/** What has broken backup programs: bytes that are no text, signs that mean something elsewhere, the longest name. */
const hardNames = [
  Buffer.from('caf\xe9 \xff\xfe', 'latin1'),
  Buffer.from([0x80]),
  Buffer.from('line\nbreak\r\t\x01\x7f'),
  Buffer.from(' "quotes\' \\ ` $HOME * ? ; & | < > # % '),
  Buffer.from('-rf'),
  Buffer.from('...'),
  Buffer.from('.hidden'),
  Buffer.from('caf\u00e9'),
  Buffer.from('cafe\u0301'),
  Buffer.from('日本語 👩‍👩‍👧‍👦 עברית'),
  Buffer.from('\ufffd'),
  Buffer.from('case'),
  Buffer.from('CASE'),
  Buffer.from('x'.repeat(255)),
]

export function listPromises(promises: Promises, capabilities: SourceCapabilities): void {
  namePromises(promises)
  attributePromises(promises, capabilities)
  orderPromises(promises)
  siblingPromises(promises)
  problemPromises(promises)
}

function namePromises(promises: Promises): void {
  promises('names are bytes, sorted bytewise, each once', async ({ tree, opened }) => {
    for (const name of hardNames) tree.writeFile(name, name)
    const [root] = await listAll(await opened())
    const sorted = hardNames.toSorted((one, other) => Buffer.compare(one, other))
    expect(root?.entries.map(({ name }) => name.toString('latin1'))).toEqual(
      sorted.map((name) => name.toString('latin1')),
    )
    expect(root?.problems).toEqual([])
  })

  promises('folders are entered whatever their names are', async ({ tree, opened }) => {
    for (const name of hardNames) tree.writeFile(Buffer.concat([name, Buffer.from('/below')]), name)
    const listings = await listAll(await opened())
    expect(listings).toHaveLength(hardNames.length + 1)
    for (const { path, entries } of listings.slice(1)) {
      expect(hardNames.some((name) => name.equals(path))).toBe(true)
      expect(entries.map(({ name }) => name.toString())).toEqual(['below'])
    }
  })

  promises('a folder of 1,000 entries is one listing', async ({ tree, opened }) => {
    const names = Array.from({ length: 1000 }, (_, index) => `file-${String(index).padStart(4, '0')}`)
    for (const name of names) tree.writeFile(`many/${name}`, Buffer.from(name))
    const many = (await listAll(await opened())).find(({ path }) => path.toString() === 'many')
    expect(many?.entries.map(({ name }) => name.toString())).toEqual(names)
  })
}

function attributePromises(promises: Promises, { timeUnitNs, timesBefore1970 }: SourceCapabilities): void {
  promises('kinds, lengths and permission bits are told', async ({ tree, opened }) => {
    tree.writeFile('empty', Buffer.alloc(0), { mode: 0o600 })
    tree.writeFile('file', Buffer.alloc(12_345), { mode: 0o4751 })
    tree.makeFolder('folder', { mode: 0o1777 })
    tree.makePipe('pipe')
    const entries = await entriesOf(await opened())
    const look = (path: string): unknown => {
      const { kind, sizeBytes, mode } = entries.get(path)?.entry ?? {}
      return { kind, sizeBytes, mode }
    }
    expect(look('empty')).toEqual({ kind: 'file', sizeBytes: 0, mode: 0o600 })
    expect(look('file')).toEqual({ kind: 'file', sizeBytes: 12_345, mode: 0o4751 })
    expect(look('folder')).toEqual({ kind: 'folder', sizeBytes: 0, mode: 0o1777 })
    expect(look('pipe')).toMatchObject({ kind: 'pipe', sizeBytes: 0 })
  })

  promises('times are told as exactly as the source can', async ({ tree, opened }) => {
    const times = [0n, secondNs, 1_234_567_890_123_456_789n, (2n ** 31n + 7n) * secondNs + 5n]
    if (timesBefore1970) times.push(-86_400n * secondNs + 250n)
    for (const time of times) tree.writeFile(`at ${time}`, Buffer.from('x'), { modifiedNs: time })
    const entries = await entriesOf(await opened())
    for (const time of times) {
      const told = entries.get(`at ${time}`)?.entry.modifiedNs
      expect(told, `at ${time}`).toBe(timeUnitNs === 1n ? time : (time / timeUnitNs) * timeUnitNs)
    }
  })

  promises('links are told with their targets as they are, and never followed', async ({ tree, opened }) => {
    const targets = new Map([
      ['to folder', Buffer.from('folder')],
      ['to parent', Buffer.from('..')],
      ['to itself', Buffer.from('to itself')],
      ['dangling', Buffer.from('no/such\nthing')],
      ['absolute', Buffer.from('/etc')],
      ['bytes', Buffer.from('\xff\xfe/\xe9', 'latin1')],
      ['long', Buffer.from('t/'.repeat(2000))],
    ])
    tree.writeFile('folder/file', Buffer.from('x'))
    for (const [name, target] of targets) tree.makeLink(name, target)
    const source = await opened()
    const entries = await entriesOf(source)
    for (const [name, target] of targets) {
      expect(entries.get(name)?.entry).toMatchObject({ kind: 'link', sizeBytes: 0 })
      expect(entries.get(name)?.entry.linkTarget?.toString('latin1')).toBe(target.toString('latin1'))
    }
    expect((await listAll(source)).map(({ path }) => path.toString())).toEqual(['', 'folder'])
  })
}

function orderPromises(promises: Promises): void {
  promises('every folder is one listing, parents before children', async ({ tree, opened }) => {
    const deep = Array.from({ length: 60 }, (_, level) => `level ${level}`).join('/')
    tree.writeFile(`${deep}/bottom`, Buffer.from('x'))
    for (const path of ['a/b/c', 'a/b/d', 'a/e', 'f']) tree.makeFolder(path)
    const paths = (await listAll(await opened())).map(({ path }) => path.toString())
    expect(new Set(paths).size).toBe(paths.length)
    expect(paths).toHaveLength(1 + 60 + 6)
    const seen = new Set<string>()
    for (const path of paths) {
      const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
      expect(path === '' || seen.has(parent), path).toBe(true)
      seen.add(path)
    }
  })

  promises('asks once for each folder, and leaves out what lies below a no', async ({ tree, opened }) => {
    for (const path of ['keep/below', 'leave/below', 'keep/leave/deeper']) tree.makeFolder(path)
    tree.makeLink('link', 'keep')
    tree.writeFile('file', Buffer.from('x'))
    const asked: string[] = []
    const enter = (path: Buffer, entry: { name: Buffer }): boolean => {
      asked.push(path.toString())
      return entry.name.toString() !== 'leave'
    }
    const listings: FolderListing[] = []
    for await (const listing of (await opened()).scan({ signal, enter })) listings.push(listing)
    expect(asked.sort()).toEqual(['keep', 'keep/below', 'keep/leave', 'leave'])
    expect(listings.map(({ path }) => path.toString()).sort()).toEqual(['', 'keep', 'keep/below'])
    const names = listings.flatMap(({ entries }) => entries.map(({ name }) => name.toString()))
    expect(names.sort()).toEqual(['below', 'file', 'keep', 'leave', 'leave', 'link'])
  })
}

function siblingPromises(promises: Promises): void {
  promises(
    'asks with the listing that the folder was found in, as it is given out',
    async ({ tree, opened }) => {
      for (const path of ['tagged/a/below', 'tagged/b', 'free/a/below']) tree.makeFolder(path)
      tree.writeFile('tagged/tag', Buffer.from('x'))
      const asked = new Map<string, FolderListing>()
      const enter = (path: Buffer, entry: SourceEntry, foundIn: FolderListing): boolean => {
        expect(foundIn.entries).toContain(entry)
        asked.set(path.toString(), foundIn)
        return !foundIn.entries.some(({ name }) => name.toString() === 'tag')
      }
      const listings: FolderListing[] = []
      for await (const listing of (await opened()).scan({ signal, enter })) listings.push(listing)
      const paths = listings.map(({ path }) => path.toString()).sort()
      expect(paths).toEqual(['', 'free', 'free/a', 'free/a/below', 'tagged'])
      for (const [path, foundIn] of asked) expect(listings, path).toContain(foundIn)
    },
  )
}

function problemPromises(promises: Promises): void {
  promises('a folder that may not be listed is reported in its place', async ({ lab, tree, opened }) => {
    if (!lab.forbid) return
    for (const path of ['before/file', 'forbidden/file', 'later/file']) tree.writeFile(path, Buffer.from('x'))
    lab.forbid('forbidden')
    const listings = await listAll(await opened())
    const at = (path: string): FolderListing | undefined =>
      listings.find((listing) => listing.path.toString() === path)
    expect(at('forbidden')).toMatchObject({ entries: [], error: { code: 'FolderUnreadable' } })
    expect(at('before')?.entries).toHaveLength(1)
    expect(at('later')?.entries).toHaveLength(1)
  })

  promises('a folder that goes while the scan is on is reported in its place', async ({ tree, opened }) => {
    for (const path of ['gone/file', 'stays/file']) tree.writeFile(path, Buffer.from('x'))
    const listings: FolderListing[] = []
    const enter = (path: Buffer): boolean => {
      if (path.toString() === 'gone') tree.remove('gone')
      return true
    }
    for await (const listing of (await opened()).scan({ signal, enter })) listings.push(listing)
    const gone = listings.find(({ path }) => path.toString() === 'gone')
    expect(gone).toMatchObject({ entries: [], error: { code: 'EntryVanished', kind: 'source-entry' } })
    expect(listings.find(({ path }) => path.toString() === 'stays')?.entries).toHaveLength(1)
  })

  promises('what takes the place of a folder is not entered', async ({ tree, opened }) => {
    tree.writeFile('outside/secret', Buffer.from('x'))
    tree.writeFile('root/folder/file', Buffer.from('x'))
    const listings: FolderListing[] = []
    const enter = (): boolean => {
      tree.remove('root/folder')
      tree.writeFile('root/folder', Buffer.from('a file now'))
      return true
    }
    for await (const listing of (await opened('root')).scan({ signal, enter })) listings.push(listing)
    expect(listings[1]).toMatchObject({ entries: [], error: { kind: 'source-entry' } })
  })
}

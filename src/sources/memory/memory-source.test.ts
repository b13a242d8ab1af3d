import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { FolderListing } from '../source.ts'
import { sourceSuite, type SourceLab } from '../suite.ts'
import { entriesOf, entryAt, listAll, readFile, stateOf } from '../suite/reading.ts'
import { MemorySource } from './memory-source.ts'
import { MemoryTree, type PlannedProblem } from './memory-tree.ts'

function memoryLab(): SourceLab {
  const tree = new MemoryTree()
  return {
    tree: {
      writeFile: (path, content, look) => tree.writeFile(path, Buffer.from(content), look),
      makeFolder: (path, look) => tree.makeFolder(path, look),
      makeLink: (path, target) => tree.makeLink(path, target),
      makePipe: (path) => tree.makeSpecial(path, 'pipe'),
      remove: (path) => tree.remove(path),
    },
    connect: (rootPath = '') => new MemorySource(tree, { rootPath }),
    forbid: (path) => tree.plan(path, 'unreadable'),
    dispose: async () => undefined,
  }
}

sourceSuite('memory', async () => memoryLab(), {
  timeUnitNs: 1n,
  timesBefore1970: true,
  largestBytes: 3_000_000,
})

describe('a planned problem', () => {
  it('of an entry that cannot be looked at stands among the problems of its folder', async () => {
    const source = planned('folder/file', 'unlistable')
    const listings = await listAll(source)
    const listing = listings.find(({ path }) => path.toString() === 'folder')
    expect(listing?.entries.map(({ name }) => name.toString())).toEqual(['other'])
    expect(listing?.problems).toMatchObject([
      { path: Buffer.from('folder/file'), error: { code: 'EntryUnreadable' } },
    ])
  })

  it('of a folder that fails for now is told apart from one that may not be read', async () => {
    expect(await errorOfFolder('failing')).toBe('FolderNotListed')
    expect(await errorOfFolder('unreadable')).toBe('FolderUnreadable')
    expect(await errorOfFolder('vanishing')).toBe('EntryVanished')
  })

  it('of a file that vanishes shows when it is read', async () => {
    const source = planned('folder/file', 'vanishing')
    await expect(readFile(source, await entryAt(source, 'folder/file'))).rejects.toMatchObject({
      code: 'EntryVanished',
    })
  })

  it('of a file that fails midway gives the bytes before it', async () => {
    const source = planned('folder/file', { failsAfterBytes: 3 })
    const reading = await source.read(await entryAt(source, 'folder/file'), neverAborted())
    const seen: string[] = []
    const chunks = async (): Promise<void> => {
      for await (const chunk of reading.chunks) seen.push(Buffer.from(chunk).toString())
    }
    await expect(chunks()).rejects.toMatchObject({ code: 'EntryUnreadable' })
    expect(seen).toEqual(['con'])
  })

  it('of a file that changes shows as often as it was planned', async () => {
    const source = planned('folder/file', { changes: 1 })
    const listed = await entryAt(source, 'folder/file')
    expect((await readFile(source, listed)).after).not.toEqual(stateOf(listed.entry))
    const again = await entryAt(source, 'folder/file')
    expect((await readFile(source, again)).after).toEqual(stateOf(again.entry))
  })

  it('of a lost connection ends the source', async () => {
    const source = planned('folder/file', 'disconnecting')
    const lost = { code: 'ConnectionLost', kind: 'source-gone' }
    await expect(readFile(source, await entryAt(source, 'folder/file'))).rejects.toMatchObject(lost)
    await expect(entriesOf(planned('folder', 'disconnecting'))).rejects.toMatchObject(lost)
  })

  it('may be taken back', async () => {
    const tree = new MemoryTree()
    tree.writeFile('file', 'content')
    tree.plan('file', 'unreadable')
    tree.plan('file', undefined)
    const source = new MemorySource(tree)
    expect((await readFile(source, await entryAt(source, 'file'))).content.toString()).toBe('content')
  })
})

it('a chunk kept beyond its time is spoiled, so that a caller who keeps it is found out', async () => {
  const tree = new MemoryTree()
  tree.writeFile('file', 'abcdef')
  const source = new MemorySource(tree, { chunkBytes: 3 })
  const reading = await source.read(await entryAt(source, 'file'), neverAborted())
  const [first] = await Array.fromAsync(reading.chunks)
  expect(Buffer.from(first ?? [])).toEqual(Buffer.alloc(3, 0xdd))
})

function planned(path: string, problem: PlannedProblem): MemorySource {
  const tree = new MemoryTree()
  tree.writeFile('folder/file', 'content')
  tree.writeFile('folder/other', 'other')
  tree.plan(path, problem)
  return new MemorySource(tree)
}

async function errorOfFolder(problem: PlannedProblem): Promise<string | undefined> {
  const listings: FolderListing[] = await listAll(planned('folder', problem))
  return listings[1]?.error?.code
}

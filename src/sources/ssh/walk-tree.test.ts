import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { EntryKind, FolderListing, SourceEntry } from '../source.ts'
import { walkTree } from './walk-tree.ts'

describe('a walk over a tree', () => {
  it('gives every folder once, parents first', async () => {
    const seen = await walkAll(tree(3, 5), () => true)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(1 + 5 + 25 + 125)
    for (const [index, path] of seen.entries()) {
      const parent = path.split('/').slice(0, -1).join('/')
      if (path !== '') expect(seen.slice(0, index)).toContain(parent)
    }
  })

  it('stays out of what it shall not enter', async () => {
    const seen = await walkAll(tree(2, 3), (path) => path.toString() !== 'f1')
    expect(seen).not.toContain('f1')
    expect(seen).not.toContain('f1/f0')
    expect(seen).toContain('f2/f0')
  })

  it('begins nothing new while nobody takes what is ready', async () => {
    let begun = 0
    const many = entriesOf(1000, 'file')
    const list = async (path: Buffer): Promise<FolderListing> => {
      begun++
      const entries = path.length === 0 ? entriesOf(5000, 'folder') : many
      return { path, entries, problems: [] }
    }
    const walk = walkTree({ list, enter: () => true, signal: neverAborted() })
    await walk.next()
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(begun).toBeLessThan(300)
    let folders = 1
    while ((await walk.next()).done !== true) folders++
    expect(folders).toBe(5001)
  })

  it('goes as deep as a tree is, without one call inside another', async () => {
    const list = async (path: Buffer): Promise<FolderListing> => {
      const depth = path.length === 0 ? 0 : (path.length + 1) / 3
      return { path, entries: depth < 3000 ? entriesOf(1, 'folder') : [], problems: [] }
    }
    expect((await walkAll(list, () => true)).length).toBe(3001)
  })

  it('ends with the failure of the whole source', async () => {
    const list = async (path: Buffer): Promise<FolderListing> => {
      if (path.toString() === 'f1') throw new Error('gone')
      return tree(2, 3)(path)
    }
    await expect(walkAll(list, () => true)).rejects.toThrow('gone')
  })

  it('ends when it is stopped', async () => {
    const stop = new AbortController()
    const walk = walkTree({ list: tree(3, 3), enter: () => true, signal: stop.signal })
    await walk.next()
    stop.abort()
    await expect(walk.next()).rejects.toMatchObject({ code: 'Cancelled' })
  })
})

type List = (path: Buffer) => Promise<FolderListing>

async function walkAll(list: List, enter: (path: Buffer) => boolean): Promise<string[]> {
  const seen: string[] = []
  for await (const { path } of walkTree({ list, enter, signal: neverAborted() })) seen.push(path.toString())
  return seen
}

/** A tree of folders with so many in each, down to a depth. */
function tree(depth: number, width: number): List {
  return async (path) => {
    const level = path.length === 0 ? 0 : path.toString().split('/').length
    return { path, entries: level < depth ? entriesOf(width, 'folder') : [], problems: [] }
  }
}

function entriesOf(count: number, kind: EntryKind): SourceEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    name: Buffer.from(`f${index}`),
    kind,
    sizeBytes: 0,
    modifiedNs: 0n,
    mode: 0o755,
    uid: 0,
    gid: 0,
  }))
}

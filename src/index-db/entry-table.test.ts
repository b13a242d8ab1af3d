import { describe, expect, it } from 'vitest'
import { sha256 } from '../base/hash.ts'
import { openIndex, type Index } from './open-index.ts'
import type { EntryFacts } from './entry-table.ts'

function facts(text: string): EntryFacts {
  const hash = sha256(Buffer.from(text))
  const meta = { metaHash: hash, metaSizeBytes: 10, metaBlocklists: undefined }
  return {
    kind: 'file',
    sizeBytes: text.length,
    modifiedUs: 0,
    hash,
    blocklists: undefined,
    racy: false,
    ...meta,
  }
}

function newIndex(): Index {
  return openIndex(':memory:', { scratch: true })
}

function paths(index: Index, version: number): string[] {
  return [...index.entries.ofVersion(version)].map((row) => row.path)
}

describe('entries over versions', () => {
  it('keeps each version as it was when later ones add, change and end entries', () => {
    const { index, folderId, first } = withOneVersion()
    const second = index.versions.begin(2000)
    const row = index.entries.liveOne(folderId, 'b')
    if (row) index.entries.end(row, second)
    index.entries.add({ folderId, name: 'c', since: second }, facts('c'))
    expect(paths(index, first)).toEqual(['/s/a', '/s/b'])
    expect(paths(index, second)).toEqual(['/s/a', '/s/c'])
    index.close()
  })

  it('takes back all that an unfinished version brought', () => {
    const { index, folderId, first } = withOneVersion()
    const second = index.versions.begin(2000)
    for (const row of index.entries.live(folderId)) index.entries.end(row, second)
    index.entries.add({ folderId, name: 'a', since: second }, facts('changed'))
    index.entries.takeBack(second)
    expect(paths(index, first)).toEqual(['/s/a', '/s/b'])
    expect(index.entries.live(folderId).map((row) => row.name)).toEqual(['a', 'b'])
    expect(index.entries.differs(second)).toBe(false)
    index.close()
  })

  it('leaves nothing behind of an entry that begins and ends in one version', () => {
    const { index, folderId } = withOneVersion()
    const second = index.versions.begin(2000)
    index.entries.add({ folderId, name: 'c', since: second }, facts('c'))
    const row = index.entries.liveOne(folderId, 'c')
    if (row) index.entries.end(row, second)
    expect(index.entries.differs(second)).toBe(false)
    index.close()
  })

  it('ends all that lies below a folder, and nothing beside it', () => {
    const { index, first } = withOneVersion()
    for (const path of ['/s/d/', '/s/d/e/', '/s/d.txt/', '/s/d0/']) {
      const folderId = index.entries.folderId(path)
      index.entries.add({ folderId, name: 'x', since: first }, facts(path))
    }
    const second = index.versions.begin(2000)
    index.entries.endBelow('/s/d/', second)
    expect(paths(index, second)).toEqual(['/s/a', '/s/b', '/s/d.txt/x', '/s/d0/x'])
    index.close()
  })

  it('ends whatever a newer list did not have', () => {
    const { index, folderId } = withOneVersion()
    const second = index.versions.begin(2000)
    const seen = index.entries.beginSeen()
    seen.add(folderId, 'a')
    seen.endOthers(second)
    expect(paths(index, second)).toEqual(['/s/a'])
    index.close()
  })
})

describe('blocks', () => {
  it('are found in every volume that has them, and in none that is dropped', () => {
    const index = newIndex()
    const hash = sha256(Buffer.from('block'))
    index.blocks.add(hash, { volumeId: 1, sizeBytes: 5 })
    index.blocks.add(hash, { volumeId: 2, sizeBytes: 5 })
    expect(index.blocks.places(hash).map((place) => place.volumeId)).toEqual([1, 2])
    index.blocks.dropVolumes([1])
    expect(index.blocks.places(hash).map((place) => place.volumeId)).toEqual([2])
    expect(index.blocks.has(hash)).toBe(true)
    index.close()
  })
})

function withOneVersion(): { index: Index; folderId: number; first: number } {
  const index = newIndex()
  const first = index.versions.begin(1000)
  const folderId = index.entries.folderId('/s/')
  index.entries.add({ folderId, name: 'a', since: first }, facts('a'))
  index.entries.add({ folderId, name: 'b', since: first }, facts('b'))
  return { index, folderId, first }
}

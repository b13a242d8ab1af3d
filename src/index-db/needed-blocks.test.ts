import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { sha256 } from '../base/hash.ts'
import type { EntryFacts } from './entry-table.ts'
import { NeededBlocks } from './needed-blocks.ts'
import { openIndex, type Index } from './open-index.ts'

const hashOf = (text: string): Buffer => sha256(Buffer.from(text))

function newIndex(): Index {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-needed-'))
  const index = openIndex(join(folder, 'index.sqlite'), { scratch: true })
  onTestFinished(() => {
    index.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return index
}

function add(index: Index, name: string, facts: Partial<EntryFacts>): void {
  const folderId = index.entries.folderId('/')
  const usual = { kind: 'file', sizeBytes: 10, modifiedUs: 0, racy: false, metaSizeBytes: 5 } as const
  const none = { hash: undefined, blocklists: undefined, metaHash: hashOf('meta'), metaBlocklists: undefined }
  index.entries.add({ folderId, name, since: 1 }, { ...usual, ...none, ...facts })
}

it('blocks of contents, of lists and of metadata are needed, and nothing else', () => {
  const index = newIndex()
  const list = Buffer.concat([hashOf('1'), hashOf('2')])
  index.blocks.addBlocklist(hashOf('list'), list)
  add(index, 'small', { hash: hashOf('small') })
  add(index, 'big', { hash: hashOf('whole'), sizeBytes: 99, blocklists: hashOf('list') })
  add(index, 'empty', { hash: hashOf(''), sizeBytes: 0 })
  const volume = (name: string): number => index.volumes.addPresent({ name, kind: 'dblock', sizeBytes: 1 })
  const [first, second] = [volume('a'), volume('b')]
  for (const text of ['small', '1', 'list', 'waste']) {
    index.blocks.add(hashOf(text), { volumeId: first, sizeBytes: 10 })
  }
  for (const text of ['small', '2']) index.blocks.add(hashOf(text), { volumeId: second, sizeBytes: 10 })
  const needed = new NeededBlocks(index.database)
  expect(needed.collect()).toEqual([])
  expect(needed.count()).toBe(5)
  expect([...needed.missing()]).toEqual([hashOf('meta')])
  expect(needed.use()).toEqual([
    { volumeId: first, blocks: 4, bytes: 40, neededBlocks: 2, neededBytes: 20 },
    { volumeId: second, blocks: 2, bytes: 20, neededBlocks: 2, neededBytes: 20 },
  ])
  expect(needed.onlyIn([first])).toBe(2)
  expect(needed.onlyIn([second])).toBe(1)
  expect(needed.onlyIn([first, second])).toBe(4)
  const blocks = [...needed.blocksOf([first, second])].map(({ volumeId, hash, isBlocklist }) => [
    volumeId,
    hash.toString('hex'),
    isBlocklist,
  ])
  expect(new Set(blocks.map(String))).toEqual(
    new Set(
      [
        [second, hashOf('small').toString('hex'), false],
        [first, hashOf('1').toString('hex'), false],
        [first, hashOf('list').toString('hex'), true],
        [second, hashOf('2').toString('hex'), false],
      ].map(String),
    ),
  )
})

it('a list whose contents are not known is told', () => {
  const index = newIndex()
  add(index, 'big', { hash: hashOf('whole'), sizeBytes: 99, blocklists: hashOf('unknown list') })
  expect(new NeededBlocks(index.database).collect()).toEqual([hashOf('unknown list')])
})

// The suite's promises about the root: a folder, a file, a link to one, or nothing at all.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import { entriesOf, listAll, readFile } from './reading.ts'

const signal = neverAborted()

export function rootPromises(promises: Promises): void {
  promises('the root is a folder with the last part of its path as its name', async ({ lab, tree }) => {
    tree.makeFolder('some where/the root', { mode: 0o750 })
    const source = lab.connect('some where/the root')
    const { entry, clockNs } = await source.open(signal)
    await source.close()
    expect(entry).toMatchObject({ name: Buffer.from('the root'), kind: 'folder', sizeBytes: 0, mode: 0o750 })
    expect(clockNs).toBeGreaterThan(1_600_000_000n * 1_000_000_000n)
  })

  promises('an empty root is one empty listing', async ({ opened }) => {
    expect(await listAll(await opened())).toEqual([{ path: Buffer.alloc(0), entries: [], problems: [] }])
  })

  promises('a root that is a file lists nothing and is read under the empty path', async ({ lab, tree }) => {
    tree.writeFile('a/file', Buffer.from('content'))
    const source = lab.connect('a/file')
    const { entry } = await source.open(signal)
    expect(entry).toMatchObject({ name: Buffer.from('file'), kind: 'file', sizeBytes: 7 })
    expect(await listAll(source)).toEqual([])
    const { content } = await readFile(source, { path: Buffer.alloc(0), entry })
    expect(content.toString()).toBe('content')
    await source.close()
  })

  promises('a root that is a link to a folder is that folder', async ({ tree, opened }) => {
    tree.writeFile('real/file', Buffer.from('x'))
    tree.makeLink('link', 'real')
    expect([...(await entriesOf(await opened('link'))).keys()]).toEqual(['file'])
  })

  promises('a root that does not exist is a missing source', async ({ lab }) => {
    await expect(openedAndClosed(lab.connect('nowhere'))).rejects.toMatchObject({
      code: 'SourceMissing',
      kind: 'source-gone',
    })
  })

  promises('a root that is a link to nothing is a missing source', async ({ lab, tree }) => {
    tree.makeLink('dangling', 'nowhere')
    await expect(openedAndClosed(lab.connect('dangling'))).rejects.toMatchObject({ code: 'SourceMissing' })
  })

  promises('a root that is a pipe is an unreadable source', async ({ lab, tree }) => {
    tree.makePipe('pipe')
    await expect(openedAndClosed(lab.connect('pipe'))).rejects.toMatchObject({ code: 'SourceUnreadable' })
  })

  promises('a root that may not be listed fails as a whole', async ({ lab, tree }) => {
    if (!lab.forbid) return
    tree.writeFile('root/file', Buffer.from('x'))
    lab.forbid('root')
    await expect(openedAndClosed(lab.connect('root'))).rejects.toMatchObject({
      code: 'SourceUnreadable',
      kind: 'source-gone',
    })
  })

  promises('may be closed twice', async ({ opened }) => {
    const source = await opened()
    await source.close()
    await source.close()
  })
}

async function openedAndClosed(source: Parameters<typeof listAll>[0]): Promise<void> {
  try {
    await source.open(signal)
    await listAll(source)
  } finally {
    await source.close()
  }
}

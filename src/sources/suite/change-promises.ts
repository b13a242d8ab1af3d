// The suite's promises about a tree that changes under the source's hands: it is noticed, and nothing hangs.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { FileState, Source } from '../source.ts'
import type { Promises } from '../suite.ts'
import { entryAt, type Found, pattern, readFile, stateOf } from './reading.ts'

const signal = neverAborted()
const oldTime = { modifiedNs: 1_500_000_000_000_000_000n }
const newTime = { modifiedNs: 1_600_000_000_000_000_000n }

export function changePromises(promises: Promises): void {
  beforeReading(promises)
  whileReading(promises)
  otherKinds(promises)
}

function beforeReading(promises: Promises): void {
  const changes: readonly [string, Buffer, typeof oldTime][] = [
    ['grown', pattern(50_001), oldTime],
    ['shrunk', pattern(10), oldTime],
    ['emptied', Buffer.alloc(0), oldTime],
    ['rewritten at another time', pattern(50_000).fill(1, 0, 9), newTime],
  ]
  for (const [how, content, look] of changes) {
    promises(
      `a file that was ${how} since it was listed does not look as listed`,
      async ({ tree, opened }) => {
        tree.writeFile('file', pattern(50_000), oldTime)
        const source = await opened()
        const file = await entryAt(source, 'file')
        tree.writeFile('file', content, look)
        const { after } = await readFile(source, file)
        expect(after).not.toEqual(stateOf(file.entry))
      },
    )
  }

  promises(
    'an empty file that was filled since it was listed does not look as listed',
    async ({ tree, opened }) => {
      tree.writeFile('file', Buffer.alloc(0), oldTime)
      const source = await opened()
      const file = await entryAt(source, 'file')
      tree.writeFile('file', Buffer.from('x'), oldTime)
      expect((await readFile(source, file)).after).not.toEqual(stateOf(file.entry))
    },
  )

  promises('a file that is gone is an entry that vanished', async ({ tree, opened }) => {
    tree.writeFile('folder/file', pattern(10))
    const source = await opened()
    const file = await entryAt(source, 'folder/file')
    tree.remove('folder')
    await expect(readFile(source, file)).rejects.toMatchObject({
      code: 'EntryVanished',
      kind: 'source-entry',
    })
  })
}

function whileReading(promises: Promises): void {
  promises('a long file that shrinks while it is read ends, and looks changed', async ({ tree, opened }) => {
    const source = await sourceOfLong(tree, opened)
    const { after } = await changedAtFirstChunk(source, () => tree.writeFile('long', pattern(100), newTime))
    expect(after).not.toEqual({ sizeBytes: longBytes, ...oldTime })
  })

  promises('a long file that grows while it is read ends, and looks changed', async ({ tree, opened }) => {
    const source = await sourceOfLong(tree, opened)
    const grow = (): void => tree.writeFile('long', pattern(longBytes + 70_000), newTime)
    const { after, readBytes } = await changedAtFirstChunk(source, grow)
    expect(after).not.toEqual({ sizeBytes: longBytes, ...oldTime })
    expect(readBytes).toBeLessThanOrEqual(longBytes + 70_000)
  })
}

const longBytes = 4_000_000

async function sourceOfLong(
  tree: { writeFile(path: string, content: Uint8Array, look: typeof oldTime): void },
  opened: () => Promise<Source>,
): Promise<{ source: Source; file: Found }> {
  tree.writeFile('long', pattern(longBytes), oldTime)
  const source = await opened()
  return { source, file: await entryAt(source, 'long') }
}

async function changedAtFirstChunk(
  { source, file }: { source: Source; file: Found },
  change: () => void,
): Promise<{ after: FileState; readBytes: number }> {
  const reading = await source.read(file, signal)
  let readBytes = 0
  for await (const chunk of reading.chunks) {
    if (readBytes === 0) change()
    readBytes += chunk.length
  }
  return { after: reading.after(), readBytes }
}

function otherKinds(promises: Promises): void {
  promises('a file that has become a folder is not read', async ({ tree, opened }) => {
    await expectRefusal({ tree, opened }, () => tree.makeFolder('file'))
  })

  promises('a file that has become a link is not read through it', async ({ tree, opened }) => {
    tree.writeFile('secret', Buffer.from('secret'))
    await expectRefusal({ tree, opened }, () => tree.makeLink('file', 'secret'))
  })

  promises('a file that has become a pipe is not waited for', async ({ tree, opened }) => {
    tree.writeFile('other', Buffer.from('still read'))
    const source = await expectRefusal({ tree, opened }, () => tree.makePipe('file'))
    const other = await entryAt(source, 'other')
    expect((await readFile(source, other)).content.toString()).toBe('still read')
  })
}

async function expectRefusal(
  { tree, opened }: Pick<Parameters<Parameters<Promises>[1]>[0], 'tree' | 'opened'>,
  replace: () => void,
): Promise<Source> {
  tree.writeFile('file', Buffer.from('x'))
  const source = await opened()
  const file = await entryAt(source, 'file')
  tree.remove('file')
  replace()
  await expect(readFile(source, file)).rejects.toMatchObject({ kind: 'source-entry' })
  return source
}

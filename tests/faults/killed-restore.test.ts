// What a restore that was killed leaves, and what the next one into the same folder makes of it: half files are gone on
// with or removed, folders get their own mode and time, and a restore that lives is left alone.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Progress } from '../../src/engine/progress.ts'
import { takeLifeMark } from '../../src/index-db/life-mark.ts'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

const blocks = 40
const lastBytes = 100
const sizeBytes = blocks * testBlocksize + lastBytes
const big = contentOf('big', sizeBytes)

/** A backup of one file of many blocks in a folder of its own. */
async function scene(): Promise<{ tree: string; backup: TestBackup; out: string }> {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(join(tree, 'sub'), { recursive: true })
  writeFileSync(join(tree, 'sub', 'big'), big)
  const backup = new TestBackup(folder)
  await backup.backUp(tree)
  return { tree, backup, out: join(folder, 'out') }
}

/** What a killed restore leaves of the file: one block of it is wrong, and some have not come. */
function leave(out: string, content: Buffer): void {
  for (const folder of [out, join(out, 'sub')]) mkdirSync(folder, { mode: 0o1700 })
  for (const mark of ['lives', 'begins']) writeFileSync(join(out, `.pullback-00c0ffee.${mark}`), '')
  for (const item of [1, 2, 3]) writeFileSync(join(out, 'sub', `.pullback-00c0ffee-${item}`), content)
}

function spoilt(content: Buffer): Buffer {
  const copy = Buffer.from(content)
  copy.fill(0, testBlocksize, 2 * testBlocksize)
  return copy
}

const metadataAtMost = 2048
const cases = {
  'as it should be but for one block': { content: spoilt(big), fetched: testBlocksize },
  'with no more than a beginning': {
    content: big.subarray(0, 30 * testBlocksize + 17),
    fetched: 10 * testBlocksize + lastBytes,
  },
  'without its last, short block': { content: big.subarray(0, sizeBytes - 1), fetched: lastBytes },
  longer: { content: Buffer.concat([big, big]), fetched: 0 },
  'with nothing right in it': { content: Buffer.alloc(sizeBytes, 1), fetched: sizeBytes },
  empty: { content: Buffer.alloc(0), fetched: sizeBytes },
}

describe('a restore into the folder of one that was killed', () => {
  it.for(Object.entries(cases))('goes on with a file that is there %s', async ([, { content, fetched }]) => {
    const { tree, backup, out } = await scene()
    leave(out, content)
    const progress = new Progress()
    expect((await backup.restore(out, {}, { progress })).failed).toEqual([])
    expectSameTree(tree, out)
    expect(progress.bytesMoved).toBeGreaterThanOrEqual(fetched)
    expect(progress.bytesMoved).toBeLessThan(fetched + metadataAtMost)
  })

  it('touches nothing of one that lives', async () => {
    const { backup, out } = await scene()
    leave(out, big)
    const mark = takeLifeMark(join(out, '.pullback-00c0ffee.lives'))
    expect(mark).toBeDefined()
    await backup.restore(out)
    mark?.release()
    expect(readdirSync(join(out, 'sub')).toSorted()).toEqual([
      '.pullback-00c0ffee-1',
      '.pullback-00c0ffee-2',
      '.pullback-00c0ffee-3',
      'big',
    ])
    for (const item of [1, 2, 3])
      expect(readFileSync(join(out, 'sub', `.pullback-00c0ffee-${item}`)).equals(big)).toBe(true)
    expect(readdirSync(out).toSorted()).toEqual(['.pullback-00c0ffee.lives', 'sub'])
  })

  it('that is itself stopped leaves nothing', async () => {
    const { backup, out } = await scene()
    leave(out, spoilt(big))
    const stop = new AbortController()
    const progress = new Progress()
    Object.defineProperty(progress, 'phase', {
      set: (phase) => {
        if (phase === 'restoring files') stop.abort()
      },
    })
    const stopped = backup.restore(out, {}, { progress, signal: stop.signal })
    await expect(stopped).rejects.toMatchObject({ code: 'Cancelled' })
    expect(readdirSync(out, { recursive: true })).toEqual(['sub'])
    expect(statSync(join(out, 'sub')).mode & 0o7777).toBe(0o1700)
  })
})

describe('a restore with --overwrite', () => {
  it.for(Object.entries(cases))(
    'fetches what is not in the file there: %s',
    async ([, { content, fetched }]) => {
      const { tree, backup, out } = await scene()
      mkdirSync(join(out, 'sub'), { recursive: true })
      writeFileSync(join(out, 'sub', 'big'), content)
      const progress = new Progress()
      expect((await backup.restore(out, { overwrite: true }, { progress })).failed).toEqual([])
      expectSameTree(tree, out)
      expect(progress.bytesMoved).toBeGreaterThanOrEqual(fetched)
      expect(progress.bytesMoved).toBeLessThan(fetched + metadataAtMost)
    },
  )
})

import { expect, it } from 'vitest'
import type { DlistEntry } from '../../format/dlist/dlist-entry.ts'
import { DrawnFiles, type DrawOrder } from './drawn-files.ts'

function file(path: string, sizeBytes: number): DlistEntry {
  const metadata = { metaHash: undefined, metaSizeBytes: 0, metaBlocklists: undefined }
  return {
    kind: 'File',
    path,
    sizeBytes,
    hash: undefined,
    blocklists: undefined,
    modifiedSeconds: 0,
    ...metadata,
  }
}

function drawn(order: Partial<DrawOrder>, files: readonly DlistEntry[]): DrawnFiles {
  const draw = new DrawnFiles({ seed: 'a', files: 5, bytes: 1000, ...order })
  for (const one of files) draw.offer(one)
  return draw
}

function paths(draw: DrawnFiles): string[] {
  return draw.drawn().map(({ path }) => path)
}

const many = Array.from({ length: 300 }, (_, at) => file(`/f${at}`, 10))

it('a draw follows from its seed alone, in whatever order the files come', () => {
  const first = paths(drawn({}, many))
  expect(first).toHaveLength(5)
  expect(paths(drawn({}, many.toReversed()))).toEqual(first)
  expect(paths(drawn({ seed: 'b' }, many))).not.toEqual(first)
})

it('every file is drawn as often as any other', () => {
  const few = many.slice(0, 20)
  const times = new Map<string, number>()
  for (let seed = 0; seed < 2000; seed += 1) {
    for (const path of paths(drawn({ seed: String(seed) }, few))) times.set(path, (times.get(path) ?? 0) + 1)
  }
  // 500 each on the average; six standard deviations are 116.
  for (const { path } of few) expect(Math.abs((times.get(path) ?? 0) - 500)).toBeLessThan(116)
})

it('a draw stays within its bytes, and says what is too large for it', () => {
  const draw = drawn({ bytes: 100 }, [...many.slice(0, 4), file('/large', 101), file('/fits', 90)])
  expect(draw).toMatchObject({ count: 5, tooLarge: 1 })
  const bytes = draw.drawn().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  expect(bytes).toBeLessThanOrEqual(100)
  expect(bytes).toBeGreaterThan(0)
})

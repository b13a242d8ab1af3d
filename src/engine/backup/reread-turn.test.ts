import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { openIndex, type Index } from '../../index-db/open-index.ts'
import { RereadTurn } from './reread-turn.ts'

const dayMs = 86_400_000
const paths = Array.from({ length: 3000 }, (_, at) => `/srv/folder ${at % 40}/file ${at}`)

function newIndex(): Index {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-turn-'))
  const index = openIndex(join(folder, 'index.sqlite'), { scratch: true })
  onTestFinished(() => {
    index.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return index
}

/** How often each path was due in runs at these days. */
function dueIn(index: Index, days: Iterable<number>): Map<string, number> {
  const times = new Map<string, number>()
  for (const day of days) {
    const turn = new RereadTurn(index, day * dayMs, 30)
    for (const path of paths) if (turn.isDue(path)) times.set(path, (times.get(path) ?? 0) + 1)
    turn.done(index)
  }
  return times
}

it('reads every file once in thirty daily runs, a thirtieth each', () => {
  const index = newIndex()
  expect(dueIn(index, [0]).size).toBe(0)
  const first = dueIn(index, [1]).size
  expect(first).toBeGreaterThan(50)
  expect(first).toBeLessThan(150)
  const rest = dueIn(
    index,
    Array.from({ length: 29 }, (_, at) => at + 2),
  )
  expect([...rest.values()].every((times) => times === 1)).toBe(true)
  expect(first + rest.size).toBe(paths.length)
})

it('reads a tenth at most after a long pause, and misses none for it', () => {
  const index = newIndex()
  dueIn(index, [0])
  const pauses = Array.from({ length: 10 }, (_, at) => (at + 1) * 400)
  const due = dueIn(index, pauses)
  expect(due.size).toBe(paths.length)
})

it('reads nothing again in two runs of the same moment', () => {
  const index = newIndex()
  dueIn(index, [0])
  expect(dueIn(index, [0, 0]).size).toBe(0)
})

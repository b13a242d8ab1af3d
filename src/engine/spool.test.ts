import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { Spool } from './spool.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'pullback-test-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

/** A scratch folder as a killed run leaves it, last changed so many hours ago. */
function left(
  name: string,
  hours: number,
  files: readonly string[] = ['plan.sqlite', 'fetched-volume'],
): void {
  const folder = join(parent, name)
  mkdirSync(folder)
  for (const file of files) writeFileSync(join(folder, file), 'x')
  const seconds = systemClock.nowMs() / 1000 - hours * 3600
  utimesSync(folder, seconds, seconds)
}

describe('a scratch spool', () => {
  it('removes those of runs that were killed more than a day ago', () => {
    left('pullback-scratch-Old123', 25)
    const spool = Spool.scratch(parent, systemClock)
    expect(readdirSync(parent)).toHaveLength(1)
    spool.close()
    expect(readdirSync(parent)).toEqual([])
  })

  it('leaves alone what may be in use, what has another name, and what holds anything else', () => {
    left('pullback-scratch-New123', 23)
    left('pullback-scratch-backup', 48, ['letter'])
    left('pullback-backup', 48)
    Spool.scratch(parent, systemClock).close()
    expect(readdirSync(parent)).toHaveLength(3)
    expect(existsSync(join(parent, 'pullback-scratch-backup', 'letter'))).toBe(true)
  })
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PullbackError } from '../base/errors.ts'
import { openIndex } from './open-index.ts'

function placeForIndex(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pullback-index-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'deeper', 'index.sqlite')
}

describe('opening an index', () => {
  it('makes the file and its folder, and finds again what was committed', () => {
    const path = placeForIndex()
    const first = openIndex(path)
    first.begin()
    first.set('blocksize', '1024')
    first.commit()
    first.close()
    const second = openIndex(path)
    expect(second.setting('blocksize')).toBe('1024')
    second.close()
  })

  it('is refused while another run has it', () => {
    const path = placeForIndex()
    const first = openIndex(path)
    expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'IndexInUse' }))
    first.close()
    openIndex(path).close()
  })

  it('is refused with the name of who has it', () => {
    const path = placeForIndex()
    const clock = { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5), monotonicMs: () => 0 }
    const first = openIndex(path, { clock })
    const what = `process ${process.pid} on ${hostname()}, since 2026-01-02T03:04:05Z`
    expect(() => openIndex(path)).toThrow(what)
    first.close()
  })

  it('believes it after an end in order, and not if anything was changed since', () => {
    const path = placeForIndex()
    openIndex(path).close()
    openIndex(path).close()
    writeFileSync(path, '\0', { flag: 'a' })
    expect(() => openIndex(path)).toThrow('it is not as the last run left it')
    expect(() => openIndex(path)).toThrow('it is not as the last run left it')
  })

  it('looks at it closely after a failed call, and builds no further on it', () => {
    const path = placeForIndex()
    const first = openIndex(path)
    first.begin()
    first.blocks.add(Buffer.alloc(32), { volumeId: 77, sizeBytes: 1 })
    first.commit()
    expect(() => first.database.execute('INSERT INTO nowhere VALUES (1)')).toThrow('SQLite refused')
    expect(() => first.volumes.all()).toThrow('SQLite refused')
    first.close()
    expect(() => openIndex(path)).toThrow('it was not closed in order, and a block lies in a volume')
  })

  it('puts aside what cannot be believed, for who begins anew, and never a folder', () => {
    const path = placeForIndex()
    openIndex(path).close()
    writeFileSync(path, 'a text that was named by mistake')
    const reasons: string[] = []
    const onPutAside = (reason: PullbackError): void => void reasons.push(reason.what)
    openIndex(path, { onPutAside }).close()
    expect(reasons).toEqual([expect.stringContaining('it is not as the last run left it')])
    expect(readFileSync(`${path}.unusable`, 'utf8')).toBe('a text that was named by mistake')
    rmSync(path)
    mkdirSync(path)
    expect(() => openIndex(path, { onPutAside })).toThrow('it is a folder')
    expect(statSync(path).isDirectory()).toBe(true)
  })

  it('forgets what was changed since the last commit when it is rolled back', () => {
    const index = openIndex(placeForIndex())
    index.begin()
    index.volumes.begin('one', 'dblock')
    index.commit()
    index.volumes.begin('two', 'dblock')
    index.rollback()
    expect(index.volumes.all().map((row) => row.name)).toEqual(['one'])
    index.close()
  })

  it('calls a file that is no database, or one of another program, unusable and leaves it alone', () => {
    const path = placeForIndex()
    openIndex(path).close()
    writeFileSync(`${path}.text`, 'this is not an index, '.repeat(500))
    expect(() => openIndex(`${path}.text`)).toThrow(expect.objectContaining({ code: 'IndexUnusable' }))
    const other = new DatabaseSync(`${path}.other`)
    other.exec('CREATE TABLE notes (text TEXT)')
    other.close()
    const putAside: unknown[] = []
    const foreign = (): unknown =>
      openIndex(`${path}.other`, { onPutAside: (reason) => putAside.push(reason) })
    expect(foreign).toThrow(expect.objectContaining({ code: 'IndexForeign' }))
    expect(putAside).toEqual([])
  })

  it('refuses an index of a newer Pullback', () => {
    const path = placeForIndex()
    openIndex(path).close()
    const later = new DatabaseSync(path)
    later.exec('PRAGMA user_version = 99')
    later.close()
    rmSync(`${path}.lock`)
    expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'IndexNewer' }))
  })
})

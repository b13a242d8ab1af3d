import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
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
    expect(() => openIndex(`${path}.other`)).toThrow(expect.objectContaining({ code: 'IndexUnusable' }))
  })

  it('refuses an index of a newer Pullback', () => {
    const path = placeForIndex()
    openIndex(path).close()
    const later = new DatabaseSync(path)
    later.exec('PRAGMA user_version = 99')
    later.close()
    expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'IndexNewer' }))
  })
})

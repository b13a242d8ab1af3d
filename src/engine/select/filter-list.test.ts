import { describe, expect, it } from 'vitest'
import { nameToText } from '../../format/path-text.ts'
import { filterList, type Filter } from './filter-list.ts'

/** `+` includes, `-` excludes. */
function filters(...texts: string[]): Filter[] {
  return texts.map((text) => ({ kind: text.startsWith('+') ? 'include' : 'exclude', pattern: text.slice(1) }))
}

function deciding(path: string, ...texts: string[]): number | undefined {
  return filterList(filters(...texts)).deciding([path])
}

describe('a list of filters', () => {
  it.each([
    ['/a/file', '-/a/file', true],
    ['/a/file/', '-/a/file', false],
    ['/a/folder/', '-/a/folder/', true],
    ['/a/folder/file', '-/a/folder/', false],
    ['/a/folder/file', '-/a/folder/*', true],
    ['/a/x*y', '-@/a/x*y', true],
    ['/a/xzy', '-@/a/x*y', false],
    ['/a/[b]', '-@/a/[b]', true],
    ['/a/b/c.tmp', '-*.tmp', true],
    ['/a/b/c.TMP', '-*.tmp', false],
    ['/a/b', '-/a/?', true],
    ['/a/b/c.tmp', '-[.*\\.tmp]', true],
    ['/a/b/c.tmp', '-[\\.tmp]', false],
    ['/proc/', '-{SystemFiles}', true],
    ['/proc/', '-{sys}', true],
    ['/srv/proc/', '-{SystemFiles}', false],
    ['/var/', '-{OperatingSystem}', true],
    ['/var/', '-{SystemFiles, OS}', true],
    ['/x/a~', '-{Temp}', true],
    ['/home/ana/.cache/', '-{Caches}', true],
    ['/opt/', '-{App}', true],
    ['/etc/', '-{DefaultExcludes}', true],
    ['/etc/', '-{None}', false],
    ['/etc/', '+{DefaultIncludes}', false],
  ])('%j by %j: %s', (path, filter, matches) => {
    expect(deciding(path, filter)).toBe(matches ? 0 : undefined)
  })

  it('lets the first that matches decide, whichever kind it is', () => {
    expect(deciding('/a/keep.tmp', '+*/keep.tmp', '-*.tmp')).toBe(0)
    expect(deciding('/a/keep.tmp', '-*.tmp', '+*/keep.tmp')).toBe(0)
    expect(deciding('/a/other.tmp', '+*/keep.tmp', '-*.tmp')).toBe(1)
    expect(deciding('/a/other', '+*/keep.tmp', '-*.tmp')).toBeUndefined()
  })

  it('knows whether it only includes', () => {
    expect(filterList(filters('+*/a')).onlyIncludes).toBe(true)
    expect(filterList(filters('+*/a', '-*/b')).onlyIncludes).toBe(false)
    expect(filterList([]).onlyIncludes).toBe(false)
  })

  it('matches an entry by any of its paths', () => {
    const list = filterList(filters('-/var/www/cache/', '-/web1/var/www/tmp/'))
    expect(list.deciding(['/web1/var/www/cache/', '/var/www/cache/'])).toBe(0)
    expect(list.deciding(['/web1/var/www/tmp/', '/var/www/tmp/'])).toBe(1)
    expect(list.deciding(['/web1/var/www/kept/', '/var/www/kept/'])).toBeUndefined()
  })

  it('takes names that are no text by their text', () => {
    const path = nameToText(Buffer.from('/a/\xff.tmp', 'latin1'))
    expect(deciding(path, '-/a/?.tmp')).toBe(0)
    expect(deciding(path, `-${path}`)).toBe(0)
  })

  it('knows the literal filter that lacks the separator of a folder', () => {
    const list = filterList(filters('-*/a', '-/a/b', '-/a/c/'))
    expect(list.lacksSeparator('/a/b/')).toBe('/a/b')
    expect(list.lacksSeparator('/a/c/')).toBeUndefined()
    expect(list.lacksSeparator('/a/')).toBeUndefined()
  })

  it.each(['cache', 'cache/', '@cache', 'a*', '%HOME%/x', 'C:\\x', '', '{Nonsense}', '{}', '[(]'])(
    'refuses %j, which no path can match',
    (pattern) => {
      expect(() => filterList([{ kind: 'exclude', pattern }])).toThrow(
        expect.objectContaining({ code: 'BadArguments' }),
      )
    },
  )
})

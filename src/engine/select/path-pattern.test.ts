import { describe, expect, it } from 'vitest'
import { anyPattern } from './path-pattern.ts'

const paths = ['/s/', '/s/a.txt', '/s/b/', '/s/b/a.txt', '/s/b/c.md', '/s/b.txt', '/s/x*y', '/s/x1y']

function matching(...patterns: string[]): string[] {
  return paths.filter(anyPattern(patterns))
}

describe('patterns', () => {
  it('match everything when there are none', () => {
    expect(matching()).toEqual(paths)
  })

  it('find a bare name in every folder', () => {
    expect(matching('a.txt')).toEqual(['/s/a.txt', '/s/b/a.txt'])
  })

  it('take a folder with all that is below it, named with or without its separator', () => {
    const all = ['/s/b/', '/s/b/a.txt', '/s/b/c.md']
    expect(matching('/s/b/')).toEqual(all)
    expect(matching('/s/b')).toEqual(all)
    expect(matching('b')).toEqual(all)
  })

  it('let * cross folders and ? stand for one character', () => {
    expect(matching('*.txt')).toEqual(['/s/a.txt', '/s/b/a.txt', '/s/b.txt'])
    expect(matching('/s/?.txt')).toEqual(['/s/a.txt', '/s/b.txt'])
  })

  it('are literal after @, and regular expressions in brackets', () => {
    expect(matching('@/s/x*y')).toEqual(['/s/x*y'])
    expect(matching('[/s/x.y]')).toEqual(['/s/x*y', '/s/x1y'])
  })

  it('refuse a regular expression that is none', () => {
    expect(() => anyPattern(['[(]'])).toThrow(expect.objectContaining({ code: 'BadArguments' }))
  })

  it('take together what any of them takes', () => {
    expect(matching('c.md', '/s/b.txt')).toEqual(['/s/b/c.md', '/s/b.txt'])
  })
})

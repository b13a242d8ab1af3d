import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globTest } from './glob.ts'

/** The meaning of a glob, written down and nothing else. */
function takes(glob: string, path: string): boolean {
  if (glob === '') return path === ''
  const [sign = '', rest] = [glob[0], glob.slice(1)]
  if (sign === '*') return takes(rest, path) || (path !== '' && takes(glob, path.slice(1)))
  return path !== '' && (sign === '?' || sign === path[0]) && takes(rest, path.slice(1))
}

describe('a glob', () => {
  it('takes what its definition takes', () => {
    const text = (signs: string[], maxLength: number): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...signs), { maxLength }).map((parts) => parts.join(''))
    const globs = text(['a', 'b', '/', '*', '?'], 8)
    const paths = text(['a', 'b', '/'], 10)
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        expect(globTest(glob)(path)).toBe(takes(glob, path))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['*', '', true],
    ['*.tmp', '/a/b/c.tmp', true],
    ['*.tmp', '/a/b/c.tmp/', false],
    ['/a/*/c', '/a/b/b/c', true],
    ['/a/*/c', '/a/c', false],
    ['/a?c', '/a/c', true],
    ['/a.c', '/abc', false],
    ['/a*a', '/a', false],
    ['/[ab]/*', '/a/b', false],
    ['*/line\nbreak', '/a/line\nbreak', true],
    ['*/a*\nb', '/a/a x\nb', true],
    ['*/\uef80?', '/a/\uef80\uefff', true],
  ])('%j takes %j: %s', (glob, path, expected) => {
    expect(globTest(glob)(path)).toBe(expected)
  })

  it('with many stars is no slower than one pass for each', () => {
    const glob = `${'*a'.repeat(40)}*b`
    expect(globTest(glob)('a'.repeat(100_000))).toBe(false)
  })
})

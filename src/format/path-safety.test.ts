import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excessOf, splitRestorePath } from './path-safety.ts'

describe('the path of an entry', () => {
  const safe: [path: string, parts: string[]][] = [
    ['/', []],
    ['/home/u/x.txt', ['home', 'u', 'x.txt']],
    ['/home/u/', ['home', 'u']],
    ['/home/a\\b', ['home', 'a\\b']],
    ['/home/...', ['home', '...']],
    ['/home/C:\\x', ['home', 'C:\\x']],
    ['C:\\Users\\u\\x.txt', ['C', 'Users', 'u', 'x.txt']],
    ['c:/Users/u\\', ['c', 'Users', 'u']],
    ['D:\\', ['D']],
    ['\\\\server\\share\\x', ['server', 'share', 'x']],
    ['C:\\dir\\file.txt:stream', ['C', 'dir', 'file.txt:stream']],
  ]
  it.each(safe)('%j is cut into its parts', (path, parts) => {
    expect(splitRestorePath(path)).toEqual({ safe: true, parts })
  })

  const unsafe = [
    '',
    'x',
    'home/u',
    './x',
    '../x',
    'C:x',
    'C:',
    '\\x',
    '1:\\x',
    '/..',
    '/../',
    '/a/../b',
    '/a/..',
    '/a/./b',
    '/.',
    '//',
    '//a',
    '/a//b',
    '/a//',
    '/a\0b',
    'C:\\..\\x',
    'C:\\a/../x',
    'C:/a\\..\\x',
    '\\\\..\\x',
    '\\\\server\\\\x',
    '\\\\.\\pipe',
  ]
  it.each(unsafe)('%j is refused with a reason', (path) => {
    expect(splitRestorePath(path)).toEqual({ safe: false, reason: expect.stringMatching(/^it /) })
  })

  it('never has a part that climbs, is empty or ends a C string', () => {
    const piece = fc.constantFrom('/', '\\', '.', '..', 'a', 'C:', '\0')
    fc.assert(
      fc.property(fc.string({ unit: piece }), (path) => {
        const result = splitRestorePath(path)
        if (!result.safe) return
        for (const part of result.parts) {
          expect(['', '.', '..']).not.toContain(part)
          expect(part).not.toMatch(/[/\0]/)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

it('is refused when it is longer or deeper than anybody needs', () => {
  expect(splitRestorePath(`/${'a/'.repeat(4096)}`)).toMatchObject({ safe: true })
  expect(splitRestorePath(`/${'a/'.repeat(4097)}`)).toMatchObject({ safe: false })
  expect(excessOf(`/${'x'.repeat(65_535)}`)).toBeUndefined()
  expect(excessOf(`/${'x'.repeat(65_536)}`)).toContain('64 KiB')
})

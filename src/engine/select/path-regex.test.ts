import { describe, expect, it } from 'vitest'
import { regexTest } from './path-regex.ts'

describe('a regular expression', () => {
  it.each([
    ['.*\\.tmp', '/a/b.tmp', true],
    ['.*\\.tmp', '/a/b.tmp/', false],
    ['/a/', '/a/b', false],
    ['/a|/b', '/b', true],
    ['/a|/b', '/b/c', false],
    ['(?i).*\\.TMP', '/a.tmp', true],
    ['.*\\-\\ \\#\\@', '/a- #@', true],
    ['/[\\-a]', '/-', true],
    ['.*/\\p{Lu}.*', '/a/Éa', true],
    ['/(?<name>a)\\k<name>', '/aa', true],
    ['/.', '/\n', true],
    ['/.', '/😀', true],
  ])('%j on %j: %s', (source, path, expected) => {
    expect(regexTest(source)(path)).toBe(expected)
  })

  it.each([
    ['open', '('],
    ['two that only the anchors hold together', 'a)|(b'],
    ['an atomic group', '(?>a+)b'],
    ['a possessive quantifier', 'a++'],
    ['.NET anchors', '\\Aa\\Z'],
    ['a comment', 'a(?#b)'],
    ['class subtraction', '[a-z-[aeiou]]'],
    ['a balancing group', '(?<a-b>x)'],
    ['a condition', '(a)?(?(1)b|c)'],
    ['flags in the middle', 'a(?i)b'],
    ['a Unicode block', '\\p{IsCyrillic}'],
    ['a lone brace', 'a{b'],
  ])('that JavaScript lacks is refused: %s', (_name, source) => {
    expect(() => regexTest(source)).toThrow(
      expect.objectContaining({ code: 'BadArguments', subject: source }),
    )
  })
})

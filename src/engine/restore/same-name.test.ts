import { describe, expect, it } from 'vitest'
import { foldedKey, otherCase } from './same-name.ts'

const key = (...parts: string[]): string => foldedKey(parts.map((part) => Buffer.from(part)))

describe('names that some disk takes for the same', () => {
  it.each([
    ['Readme', 'README'],
    ['caf\u00e9', 'CAFE\u0301'],
    ['stra\u00dfe', 'STRASSE'],
    ['\u03c3\u03bf\u03c2', '\u03a3\u039f\u03a3'],
    ['\u212a', 'k'],
    ['a\u200db', 'ab'],
    ['end. ', 'end'],
  ])('%j and %j have one key', (one, other) => {
    expect(key('folder', one)).toBe(key('FOLDER', other))
  })

  it('and others have their own', () => {
    expect(key('a', 'b')).not.toBe(key('a', 'c'))
    expect(key('a', 'b')).not.toBe(key('b'))
    expect(foldedKey([Buffer.from([0xff])])).not.toBe(foldedKey([Buffer.from([0xfe])]))
  })
})

it('a name has another case if it has Latin letters', () => {
  expect(otherCase(Buffer.from('aB-\u00e9'))).toEqual(Buffer.from('Ab-\u00e9'))
  expect(otherCase(Buffer.from('1 \u00e9'))).toBeUndefined()
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainName, nameToText, textToName } from './path-text.ts'

// Bytes near the edges of UTF-8 and of the escapes, where mistakes would be.
const edges = [
  0x00, 0x2e, 0x2f, 0x7f, 0x80, 0x81, 0xbd, 0xbe, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xee, 0xef, 0xf0, 0xf4, 0xff,
]
const edgeBytes = fc.array(fc.constantFrom(...edges), { maxLength: 12 }).map((bytes) => Buffer.from(bytes))
const anyBytes = fc.oneof(
  edgeBytes,
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
)

describe('the text of a name', () => {
  it('gives every byte string back unchanged', () => {
    fc.assert(
      fc.property(anyBytes, (name) => {
        expect(textToName(nameToText(name))).toEqual(name)
      }),
      { numRuns: 5000 },
    )
  })

  it('is never shared by two names', () => {
    fc.assert(
      fc.property(edgeBytes, edgeBytes, (one, other) => {
        expect(nameToText(one) === nameToText(other)).toBe(one.equals(other))
      }),
      { numRuns: 5000 },
    )
  })

  it('is well-formed, and JSON and UTF-8 carry it unchanged', () => {
    fc.assert(
      fc.property(anyBytes, (name) => {
        const text = nameToText(name)
        expect(text.isWellFormed()).toBe(true)
        expect(Buffer.from(text).toString()).toBe(text)
      }),
    )
  })

  it('is the same for a whole path as for its parts', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { minLength: 1 }), (parts) => {
        const path = Buffer.concat(parts.flatMap((part) => [Buffer.from('/'), part]))
        expect(nameToText(path)).toBe(parts.map((part) => `/${nameToText(part)}`).join(''))
      }),
    )
  })

  it('is plain for UTF-8', () => {
    for (const text of [
      '',
      'a',
      'été',
      '日本語',
      '🎒 sac.txt',
      '\ufeffx',
      '\ufffd',
      '\uef7f',
      '\uf000',
      'a\\b\n',
    ]) {
      expect(isPlainName(Buffer.from(text))).toBe(true)
      expect(nameToText(Buffer.from(text))).toBe(text)
    }
  })

  it('escapes single bytes of what is not', () => {
    expect(nameToText(Buffer.from('\xe9t\xe9', 'latin1'))).toBe('\uefe9t\uefe9')
    expect(nameToText(Buffer.of(0x61, 0x80, 0xff, 0x62))).toBe('a\uef80\uefffb')
    expect(nameToText(Buffer.of(0xed, 0xa0, 0x80))).toBe('\uefed\uefa0\uef80')
    expect(nameToText(Buffer.of(0xc0, 0xaf))).toBe('\uefc0\uefaf')
    expect(isPlainName(Buffer.of(0x80))).toBe(false)
  })

  it('escapes the characters that it escapes with', () => {
    expect(isPlainName(Buffer.from('\uef80'))).toBe(false)
    expect(nameToText(Buffer.from('\uef80'))).toBe('\uefee\uefbe\uef80')
  })

  it('hides neither a separator nor a dot nor a zero byte', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\uef80', '\uefae', '\uefaf', '\uefc0', '\uefff') }),
        (text) => {
          for (const byte of [0x00, 0x2e, 0x2f]) expect(textToName(text).includes(byte)).toBe(false)
        },
      ),
    )
  })
})

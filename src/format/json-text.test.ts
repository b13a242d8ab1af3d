import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJsonSize, jsonString, parseJson } from './json-text.ts'

const limits = { what: 'the test', limitBytes: 100 }

describe('a JSON string', () => {
  it('is read back by any JSON reader', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(jsonString(text))).toBe(text)
      }),
    )
  })

  it('escapes what Newtonsoft.Json escapes and nothing else', () => {
    expect(jsonString('a/b é 日本 🎒 \u007f')).toBe('"a/b é 日本 🎒 \u007f"')
    expect(jsonString('"\\\b\t\n\f\r\u0001\u001f')).toBe('"\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f"')
    expect(jsonString('\u0085\u2028\u2029')).toBe('"\\u0085\\u2028\\u2029"')
  })
})

describe('a JSON document', () => {
  it('may begin with a byte order mark and white space', () => {
    expect(parseJson(Buffer.from('\ufeff\n {"a":1} '), limits)).toEqual({ a: 1 })
  })

  it('is VolumeDamaged if it is no JSON, no UTF-8 or too long', () => {
    const damaged = expect.objectContaining({ code: 'VolumeDamaged' })
    expect(() => parseJson(Buffer.from('{'), limits)).toThrow(damaged)
    expect(() => parseJson(Buffer.of(0x22, 0xff, 0x22), limits)).toThrow(damaged)
    expect(() => parseJson(Buffer.alloc(101, ' '), limits)).toThrow(damaged)
  })
})

describe('a size', () => {
  it('is an exact integer from 0 up', () => {
    expect([0, 1, Number.MAX_SAFE_INTEGER].every(isJsonSize)).toBe(true)
    expect([-1, 0.5, 2 ** 53, Number.NaN, '1', null, undefined].some(isJsonSize)).toBe(false)
  })
})

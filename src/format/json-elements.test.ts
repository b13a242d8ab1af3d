import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../base/errors.ts'
import { JsonElements } from './json-elements.ts'

function read(pieces: Iterable<Uint8Array>): { elements: unknown[]; frame: unknown } {
  const reader = new JsonElements('the test')
  const elements: unknown[] = []
  for (const piece of pieces) {
    for (const run of reader.push(piece)) elements.push(...run)
  }
  return { elements, frame: reader.end() }
}

function* cut(bytes: Buffer, pieceBytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

function readText(text: string, pieceBytes = 1 << 20): { elements: unknown[]; frame: unknown } {
  return read(cut(Buffer.from(text), pieceBytes))
}

const damaged = expect.objectContaining({ code: 'VolumeDamaged' })

describe('the elements of a JSON array', () => {
  it('come out as JSON.parse gives them, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), fc.integer({ min: 1, max: 40 }), (value, size) => {
        const spaced = `\ufeff ${JSON.stringify(value, undefined, 1)}\n`
        expect(readText(spaced, size).elements).toEqual(JSON.parse(JSON.stringify(value)))
        expect(readText(JSON.stringify(value), size).frame).toEqual([])
      }),
    )
  })

  it('come out of the first array of a document, the rest of which is the frame', () => {
    const text = '{"a [ \\" [":"[","list":[{"x":[1]},2],"size":7}'
    for (let size = 1; size <= text.length; size++) {
      const { elements, frame } = readText(text, size)
      expect(elements).toEqual([{ x: [1] }, 2])
      expect(frame).toEqual({ 'a [ " [': '[', list: [], size: 7 })
    }
  })

  it('may be none, and the array too', () => {
    expect(readText(' [ ] ')).toEqual({ elements: [], frame: [] })
    expect(readText('{}')).toEqual({ elements: [], frame: {} })
  })

  it('come in runs that do not grow with the document', () => {
    const reader = new JsonElements('the test')
    const bytes = Buffer.from(JSON.stringify(Array.from({ length: 200_000 }, (_, index) => index)))
    for (const run of reader.push(bytes)) expect(run.length).toBeLessThan(33_000)
    expect(reader.end()).toEqual([])
  })

  it('are not kept in the bytes that brought them', () => {
    const reader = new JsonElements('the test')
    const bytes = Buffer.from('["begun ')
    expect([...reader.push(bytes)]).toEqual([])
    bytes.fill(0)
    expect([...reader.push(Buffer.from('and ended"]'))]).toEqual([['begun and ended']])
  })
})

describe('a document that is not what it must be', () => {
  const wrong = {
    'ends in an element': '[{"a":1',
    'ends between elements': '[1,',
    'ends in a string': '["',
    'is empty': '',
    'is no JSON': 'hello',
    'has an empty element': '[1,,2]',
    'has a comma too many at the end': '[1,]',
    'has a comma too many at the beginning': '[,1]',
    'has only a comma': '[,]',
    'goes on after its end': '[1]]',
    'has brackets that do not match': '[{"a":1]}',
    'ends with another bracket': '[1}',
    'has a bare backslash': '[\\"]',
  }
  for (const [how, text] of Object.entries(wrong)) {
    it(`is damaged if it ${how}, wherever the bytes are cut`, () => {
      for (let size = 1; size <= text.length + 1; size++) expect(() => readText(text, size)).toThrow(damaged)
    })
  }

  it('is damaged if it is not UTF-8, in its elements or around them', () => {
    expect(() => read([Buffer.from('["'), Buffer.of(0xc3), Buffer.from('"]')])).toThrow(damaged)
    expect(() => read([Buffer.from('{"'), Buffer.of(0xff), Buffer.from('":[]}')])).toThrow(damaged)
  })

  it('is refused when nested too deep, before it is parsed', () => {
    expect(readText('[[[[[[[[1]]]]]]]]').elements).toEqual([[[[[[[[1]]]]]]]])
    expect(() => readText('['.repeat(9))).toThrow(damaged)
  })

  it('is refused when one element or what is around them is too long', () => {
    const long = Buffer.alloc(1024 * 1024, 'x')
    const endless = function* (start: string): Generator<Buffer> {
      yield Buffer.from(start)
      for (let mebibytes = 0; mebibytes < 17; mebibytes++) yield long
    }
    expect(() => read(endless('["'))).toThrow(/16 MiB/)
    expect(() => read(endless('{"'))).toThrow(/outside/)
    expect(() => read(endless('[] '))).toThrow(/outside/)
  })

  it('gives elements or VolumeDamaged, whatever the bytes are', () => {
    const piece = fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '"a":', '1', 'é', '\0', ' ')
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
        const text = pieces.join('')
        let result: unknown
        try {
          result = readText(`[${text}`, size).elements
        } catch (error) {
          if (!isPullbackError(error, 'VolumeDamaged')) throw error
        }
        if (result !== undefined) expect(result).toEqual(JSON.parse(`[${text}`))
      }),
      { numRuns: 2000 },
    )
  })
})

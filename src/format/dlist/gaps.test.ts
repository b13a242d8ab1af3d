import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gapsJson, readGaps } from './gaps.ts'

it('any gaps come back as they were written', () => {
  const gap = fc.record({ path: fc.string({ unit: 'binary' }), code: fc.string(), what: fc.string() })
  fc.assert(
    fc.property(fc.array(gap), (gaps) => {
      expect(readGaps(gapsJson(gaps))).toEqual(gaps)
    }),
  )
})

it('a list beyond any use is cut, and says how many it leaves out', () => {
  const gap = { path: '/x'.repeat(500_000), code: 'EntryUnreadable', what: 'y' }
  const found = readGaps(gapsJson(Array.from({ length: 40 }, () => gap)))
  expect(found.length).toBeLessThan(40)
  expect(found.at(-1)).toEqual({ path: '', code: 'More', what: `and ${41 - found.length} more gaps` })
})

it.each(['', '{}', '[1]', '[{"path":"/x"}]', '[{"path":1,"code":"","what":""}]'])(
  'bytes that are no list of gaps are refused: %s',
  (text) => {
    expect(() => readGaps(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'VolumeDamaged' }))
  },
)

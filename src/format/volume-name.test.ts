import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatVolumeName, parseVolumeName, type VolumeName } from './volume-name.ts'

const id = '0123456789abcdef0123456789abcdef'

const prefixes = fc.string({ minLength: 1 }).filter((text) => !text.includes('-'))
const compressions = fc.string({ minLength: 1 }).filter((text) => !text.includes('.') && text !== 'par2')
const encryptions = fc.string({ minLength: 1 }).filter((text) => !/(^|\.)par2$/.test(text))
const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const times = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map((seconds) => seconds * 1000)
const ends = { prefix: prefixes, compression: compressions, encryption: encryptions }
const required: ['prefix', 'compression'] = ['prefix', 'compression']
const names: fc.Arbitrary<VolumeName> = fc.oneof(
  fc
    .tuple(fc.record(ends, { requiredKeys: required }), fc.constantFrom('dblock', 'dindex'), ids)
    .map(([parts, kind, drawn]) => ({ ...parts, kind, id: drawn })),
  fc
    .tuple(fc.record(ends, { requiredKeys: required }), times)
    .map(([parts, timeMs]) => ({ ...parts, kind: 'dlist' as const, timeMs })),
)

describe('the name of a volume', () => {
  it.each<[string, VolumeName]>([
    [
      `duplicati-20231114T221320Z.dlist.zip.aes`,
      {
        prefix: 'duplicati',
        kind: 'dlist',
        timeMs: 1_700_000_000_000,
        compression: 'zip',
        encryption: 'aes',
      },
    ],
    [
      `duplicati-b${id}.dblock.zip.aes`,
      { prefix: 'duplicati', kind: 'dblock', id, compression: 'zip', encryption: 'aes' },
    ],
    [`my.files-i${id}.dindex.zip`, { prefix: 'my.files', kind: 'dindex', id, compression: 'zip' }],
  ])('%s is written and read as stock does', (name, parsed) => {
    expect(parseVolumeName(name)).toEqual(parsed)
    expect(formatVolumeName(parsed)).toBe(name)
  })

  it('comes back from being written and read, whatever it is', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(parseVolumeName(formatVolumeName(name))).toEqual(name)
      }),
    )
  })

  it('may have its id in upper case, and of another length', () => {
    const parsed = parseVolumeName('duplicati-B0ABC.dblock.zip')
    expect(parsed).toEqual({ prefix: 'duplicati', kind: 'dblock', id: '0abc', compression: 'zip' })
  })

  it('tells its kind by the word alone', () => {
    expect(parseVolumeName(`duplicati-i${id}.dblock.zip`)?.kind).toBe('dblock')
  })

  it('ends in its encryption, whatever that is', () => {
    expect(parseVolumeName(`duplicati-b${id}.dblock.zip.aes.bak`)?.encryption).toBe('aes.bak')
  })

  it.each([
    '',
    'notes.txt',
    'duplicati-verification.json',
    `duplicati-b${id}.dblock.zip.aes.par2`,
    `duplicati-b${id}.dblock.zip.par2`,
    `tmp-x01234567-duplicati-b${id}.dblock.zip`,
    `two-words-b${id}.dblock.zip`,
    `-b${id}.dblock.zip`,
    `duplicati-x${id}.dblock.zip`,
    `duplicati-b${id}.dblock`,
    `duplicati-b${id}.dblock.`,
    `duplicati-b${id}.DBLOCK.zip`,
    `duplicati-b${id}_dblock.zip`,
    `duplicati-b.dblock.zip`,
    `duplicati-b${id}.dlist.zip`,
    `duplicati-20231114T221320Z.dblock.zip`,
    `duplicati-20231114T221320.dlist.zip`,
    `duplicati-20230229T000000Z.dlist.zip`,
    `duplicati-20231301T000000Z.dlist.zip`,
    `duplicati-20230100T000000Z.dlist.zip`,
    `duplicati-20230101T240000Z.dlist.zip`,
    `duplicati-20230101T006000Z.dlist.zip`,
    `duplicati-20230101T000060Z.dlist.zip`,
    `duplicati-00000101T000000Z.dlist.zip`,
  ])('is not "%s"', (name) => {
    expect(parseVolumeName(name)).toBeUndefined()
  })

  it('may be dated on a leap day', () => {
    expect(parseVolumeName('d-20240229T235959Z.dlist.zip')).toMatchObject({ timeMs: 1_709_251_199_000 })
  })

  it('is not written where it could not be read', () => {
    const good = { prefix: 'duplicati', kind: 'dblock', id, compression: 'zip' } as const
    expect(() => formatVolumeName({ ...good, prefix: 'two-words' })).toThrow('can be read')
    expect(() => formatVolumeName({ ...good, id: id.toUpperCase() })).toThrow('32 digits')
    const halfSecond = { prefix: 'd', kind: 'dlist', timeMs: 500, compression: 'zip' } as const
    expect(() => formatVolumeName(halfSecond)).toThrow('whole seconds')
  })
})

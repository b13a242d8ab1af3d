import { describe, expect, it } from 'vitest'
import { PullbackError } from '../base/errors.ts'
import { cutToColumns } from './column-width.ts'
import { english } from './english.ts'
import { causeText, errorSentences, errorText, troubleText } from './error-text.ts'
import { shown } from './shown.ts'
import { durationText, sizeText } from './sizes.ts'

describe('what people read', () => {
  it('has sizes, counts and durations in the usual forms', () => {
    expect([0, 1023, 1024, 1_572_864, 5 * 2 ** 40].map(sizeText)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
      '5.0 TiB',
    ])
    expect([english.files(1), english.files(2345), english.entriesGone(0)]).toEqual([
      '1 file',
      '2,345 files',
      '0 entries gone',
    ])
    expect([400, 12_400, 185_000, 7_800_000].map(durationText)).toEqual([
      '0.4 s',
      '12 s',
      '3 min 5 s',
      '2 h 10 min',
    ])
  })

  it('takes the next unit rather than round up to its beginning', () => {
    expect([2 ** 20 - 1, 2 ** 30 - 1].map(sizeText)).toEqual(['1.0 MiB', '1.0 GiB'])
    expect([9949, 9990, 59_700, 3_599_900].map(durationText)).toEqual([
      '9.9 s',
      '10 s',
      '1 min 0 s',
      '1 h 0 min',
    ])
  })

  it('cannot be faked by a name that holds line breaks, colours or turned writing', () => {
    expect(shown('a\nErrorID: x\r\u001b[31m')).toBe('a\\nErrorID: x\\r\\u{1b}[31m')
    expect(shown('\u202egnp.exe')).toBe('\\u{202e}gnp.exe')
    expect(shown('back\\slash')).toBe('back\\\\slash')
    expect(shown('not text: \uefe9')).toBe('not text: \\u{efe9}')
    expect(shown('日本語 café 👩')).toBe('日本語 café 👩')
  })

  it('fits into the columns of a terminal, wide characters too', () => {
    expect(cutToColumns('abcdef', 4)).toBe('abcd')
    expect(cutToColumns('日本語', 5)).toBe('日本')
    expect(cutToColumns('a👩b', 2)).toBe('a')
    expect(cutToColumns('abc', 0)).toBe('')
  })

  it('says of an error what happened, what it means and what to do, and its cause only where that says more', () => {
    const cause = new Error('ENOENT: no such file')
    const error = new PullbackError('SourceMissing', { what: 'the folder /x does not exist', cause })
    expect(errorSentences(error)).toHaveLength(3)
    expect(errorText(error)).toMatch(/^The folder \/x does not exist\. No new version .* Check the path/)
    expect(causeText(error)).toBe('ENOENT: no such file')
    expect(
      causeText(new PullbackError('SourceMissing', { what: `no: ${cause.message}`, cause })),
    ).toBeUndefined()
  })

  it('names the path of a trouble once', () => {
    const named = new PullbackError('EntryUnreadable', { what: '/a/b cannot be read', meaning: 'It is out.' })
    expect(troubleText('/a/b', named)).toBe('/a/b cannot be read. It is out.')
    const bare = new PullbackError('EntryUnreadable', { what: 'permission denied', meaning: 'It is out.' })
    expect(troubleText('/a\n', bare)).toBe('/a\\n: Permission denied. It is out.')
  })

  it('leaves a name at the beginning of a sentence as it is', () => {
    const error = new PullbackError('VolumeDamaged', { what: 'duplicati-b1.dblock.zip: it ends early' })
    expect(errorText(error)).toMatch(/^duplicati-b1/)
  })
})

import { describe, expect, it } from 'vitest'
import { parsedLine } from '../../../tests/support/parsed-line.ts'
import type { SelectionOptions } from '../../usecases/reports.ts'
import { selectionOf } from './selection.ts'

function selected(...words: string[]): SelectionOptions {
  return selectionOf(parsedLine('backup', 't', '/a', ...words))
}

describe('the choice of entries on the command line', () => {
  it('is everything but folders with a tag, where nothing is said', () => {
    expect(selected()).toEqual({
      filters: [],
      ignoreFilenames: ['CACHEDIR.TAG'],
      excludeFilesAttributes: [],
      symlinkPolicy: 'Store',
      skipFilesLargerThanBytes: undefined,
      excludeEmptyFolders: false,
    })
  })

  it("is what Duplicati's options say", () => {
    expect(
      selected(
        '--include=*.a',
        '--exclude=*',
        '--ignore-filenames=.nobackup:CACHEDIR.TAG',
        '--exclude-files-attributes=hidden, READONLY',
        '--symlink-policy=ignore',
        '--hardlink-policy=all',
        '--skip-files-larger-than=2',
        '--exclude-empty-folders',
      ),
    ).toEqual({
      filters: [
        { kind: 'include', pattern: '*.a' },
        { kind: 'exclude', pattern: '*' },
      ],
      ignoreFilenames: ['.nobackup', 'CACHEDIR.TAG'],
      excludeFilesAttributes: ['Hidden', 'ReadOnly'],
      symlinkPolicy: 'Ignore',
      skipFilesLargerThanBytes: 2 << 20,
      excludeEmptyFolders: true,
    })
    expect(selected('--ignore-filenames=').ignoreFilenames).toEqual([])
  })

  it.each([
    ['--symlink-policy=Follow', 'does not follow links'],
    ['--symlink-policy=x', 'Store or Ignore'],
    ['--hardlink-policy=First', 'hardlink-policy is All'],
    ['--exclude-files-attributes=Hidden,System', 'does not know System'],
    ['--skip-files-larger-than=big', 'skip-files-larger-than'],
  ])('refuses %s and says why', (word, why) => {
    const what = expect.stringContaining(why) as string
    expect(() => selected(word)).toThrow(expect.objectContaining({ code: 'BadOption', what }) as Error)
  })
})

import { describe, expect, it } from 'vitest'
import type { EntryKind, FolderListing, SourceEntry } from '../../sources/source.ts'
import { EntryChoice } from './entry-choice.ts'
import { selectionRules, usualSelection, type SelectionOptions } from './selection-rules.ts'

function entry(text: string, look: Partial<SourceEntry> = {}): SourceEntry {
  const kind: EntryKind = text.endsWith('/') ? 'folder' : text.endsWith('@') ? 'link' : 'file'
  const name = Buffer.from(text.replace(/[/@]$/, ''))
  return { name, kind, sizeBytes: 0, modifiedNs: 0n, mode: 0o644, uid: 0, gid: 0, ...look }
}

function listing(path: string, ...entries: (string | SourceEntry)[]): FolderListing {
  const listed = entries.map((one) => (typeof one === 'string' ? entry(one) : one))
  return { path: Buffer.from(path), entries: listed, problems: [] }
}

function choice(options: Partial<SelectionOptions>, roots = ['/s']): EntryChoice {
  return new EntryChoice(selectionRules({ ...usualSelection, ...options }), roots)
}

/** What a choice says of each entry of a listing: how it ends, and why. */
function judged(options: Partial<SelectionOptions>, of: FolderListing): string[] {
  return choice(options)
    .of(of)
    .verdicts.map(({ outcome, rule }) => `${outcome}: ${typeof rule === 'object' ? rule.number : rule}`)
}

describe('the choice of entries', () => {
  it('keeps everything where nothing is said, special files too', () => {
    const special = entry('pipe', { kind: 'pipe' })
    expect(judged({}, listing('', 'a', '.b', 'c/', 'd@', special))).toEqual(Array(5).fill('kept: none'))
  })

  it('says which filter decides', () => {
    const filters = [
      { kind: 'include', pattern: '/s/f/keep.tmp' },
      { kind: 'exclude', pattern: '*.tmp' },
    ] as const
    const found = judged({ filters }, listing('f', 'keep.tmp', 'other.tmp', 'text'))
    expect(found).toEqual(['kept: 1', 'left-out: 2', 'kept: none'])
  })

  it('goes through folders that no include filter matches, and keeps those with something in them', () => {
    const filters = [{ kind: 'include', pattern: '*.txt' }] as const
    const found = judged({ filters }, listing('', 'a.txt', 'b.md', 'c/'))
    expect(found).toEqual(['kept: 1', 'left-out: no-include', 'if-filled: no-include'])
  })

  it('leaves out a folder that holds a tag, but never the root', () => {
    const { leftOut } = choice({}).of(listing('f', 'CACHEDIR.TAG', 'a'))
    expect(leftOut).toEqual({ outcome: 'left-out', rule: 'ignore-filenames' })
    expect(choice({}).of(listing('', 'CACHEDIR.TAG', 'a')).leftOut).toBeUndefined()
    expect(choice({}).of(listing('f', 'CACHEDIR.TAG/', 'CACHEDIR.TAG@')).leftOut).toBeUndefined()
    expect(choice({ ignoreFilenames: [] }).of(listing('f', 'CACHEDIR.TAG')).leftOut).toBeUndefined()
    expect(choice({ ignoreFilenames: ['.nobackup'] }).of(listing('f', '.nobackup')).leftOut).toBeDefined()
  })

  it('lets no scan into what is left out', () => {
    const rules = choice({ filters: [{ kind: 'exclude', pattern: '*/b/' }] })
    const free = listing('', 'a/', 'b/')
    const tagged = listing('a', 'CACHEDIR.TAG', 'c/')
    const entered = [free, tagged].flatMap((one) =>
      one.entries.filter((found) => found.kind === 'folder' && rules.enter(Buffer.alloc(0), found, one)),
    )
    expect(entered.map(({ name }) => name.toString())).toEqual(['a'])
  })

  it('knows hidden and read-only entries', () => {
    const locked = entry('locked', { mode: 0o555 })
    const link = entry('link@', { mode: 0 })
    const of = listing('', '.a', '.b/', locked, link, 'open')
    const [out, kept] = ['left-out: exclude-files-attributes', 'kept: none']
    expect(judged({ excludeFilesAttributes: ['Hidden'] }, of)).toEqual([out, out, kept, kept, kept])
    expect(judged({ excludeFilesAttributes: ['ReadOnly'] }, of)).toEqual([kept, kept, out, kept, kept])
  })

  it('leaves out links and large files where that is asked', () => {
    const of = listing('', 'a@', entry('10', { sizeBytes: 10 }), entry('11', { sizeBytes: 11 }), 'b/')
    expect(judged({ symlinkPolicy: 'Ignore', skipFilesLargerThanBytes: 10 }, of)).toEqual([
      'left-out: symlink-policy',
      'kept: none',
      'left-out: skip-files-larger-than',
      'kept: none',
    ])
  })

  it('takes a filter for the path in the backup and for the path on the machine', () => {
    const roots = ['/web1/var/www', '/var/www']
    for (const pattern of ['/var/www/a/', '/web1/var/www/a/', '/var/*/a/', '[/var/.*/a/]']) {
      const verdicts = choice({ filters: [{ kind: 'exclude', pattern }] }, roots).of(listing('', 'a/', 'b/'))
      expect(
        verdicts.verdicts.map(({ outcome }) => outcome),
        pattern,
      ).toEqual(['left-out', 'kept'])
    }
  })

  it('warns of a folder that a filter names without its separator', () => {
    const rules = choice({ filters: [{ kind: 'exclude', pattern: '/s/cache' }] })
    rules.of(listing('', 'cache/'))
    expect(rules.warnings()).toEqual([
      'the filter /s/cache does not match the folder /s/cache/: a folder is written with / at its end',
    ])
  })
})

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../base/errors.ts'
import { sha256 } from '../base/hash.ts'
import { type MetadataFacts, readMetadata, writeMetadata } from './metadata.ts'

const plain: MetadataFacts = {
  kind: 'file',
  name: Buffer.from('hello.txt'),
  mode: 0o644,
  uid: 0,
  gid: 0,
  owner: 'root',
  group: 'root',
  modifiedNs: 1_700_000_000_000_000_000n,
}
const link: MetadataFacts = { ...plain, kind: 'link', mode: 0o777, linkTarget: Buffer.from('hello.txt') }

const hashOf = (facts: MetadataFacts): string => sha256(writeMetadata(facts)).toString('base64')
const textOf = (facts: MetadataFacts): string => writeMetadata(facts).toString()
const attributesOf = (facts: MetadataFacts): string | undefined =>
  readMetadata(writeMetadata(facts)).attributes
const readText = (text: string): ReturnType<typeof readMetadata> => readMetadata(Buffer.from(text))

describe('metadata as stock writes it', () => {
  it('has the same hash for the same file, folder and link', () => {
    expect(hashOf(plain)).toBe('HiO4MEotlw8yPthGE9yxqqdcrgf+37LyjwGYbcc4u64=')
    expect(hashOf({ ...plain, kind: 'folder', mode: 0o755 })).toBe(
      'U1yUrS3t2VkqEsQ3FWQ7PMKcvqMxHE7gcJ13qdwjy8I=',
    )
    expect(hashOf(link)).toBe('82U0mQPzpbDXimrf10Y9d4sfn3Zb4ra5ltilsfWu56Y=')
  })

  it('has extended attributes first, and leaves empty ones out', () => {
    const extendedAttributes = new Map([
      ['user.note', Buffer.from('abc')],
      ['user.none', Buffer.of()],
    ])
    const facts = { ...plain, modifiedNs: 1_795_377_915_399_646_700n, extendedAttributes }
    expect(textOf(facts)).toBe(
      '\ufeff{"unix-ext:user.note":"YWJj","unix:uid-gid-perm":"0-0-420","unix:owner-name":"root",' +
        '"unix:group-name":"root","CoreAttributes":"Normal","CoreLastWritetime":"639309747153996467",' +
        '"CoreCreatetime":"639309747153996467"}',
    )
  })

  it('leaves names out that are not known', () => {
    const { owner: _owner, group: _group, ...nameless } = plain
    expect(textOf(nameless)).toContain('{"unix:uid-gid-perm":"0-0-420","CoreAttributes"')
  })

  it('tells hidden, folder, link and read-only in the order of their bits', () => {
    const hidden = { ...plain, name: Buffer.from('.profile') }
    expect(attributesOf(hidden)).toBe('Hidden')
    expect(attributesOf({ ...plain, mode: 0o444 })).toBe('ReadOnly')
    expect(attributesOf({ ...hidden, kind: 'folder', mode: 0o755 })).toBe('Hidden, Directory')
    expect(attributesOf({ ...link, linkToFolder: true })).toBe('Directory, ReparsePoint')
    expect(attributesOf({ ...link, name: Buffer.from('.l'), mode: 0o500 })).toBe(
      'ReadOnly, Hidden, ReparsePoint',
    )
  })
})

describe('metadata that stock has no words for', () => {
  it('keeps setuid, setgid and sticky in a key of our own', () => {
    expect(textOf({ ...plain, mode: 0o4755 })).toContain('"0-0-493"')
    expect(textOf({ ...plain, mode: 0o4755 })).toContain('"pullback:mode":"2541"')
    expect(textOf(plain)).not.toContain('pullback')
    expect(readMetadata(writeMetadata({ ...plain, mode: 0o7777 })).mode).toBe(0o7777)
  })

  it('keeps the bytes of names and targets that are no text', () => {
    const raw = Buffer.of(0x61, 0xe9, 0x2f)
    const metadata = readMetadata(writeMetadata({ ...link, name: raw, linkTarget: raw }))
    expect(metadata).toMatchObject({ name: raw, linkTarget: raw })
    expect(readMetadata(writeMetadata(link))).toMatchObject({
      name: undefined,
      linkTarget: Buffer.from('hello.txt'),
    })
  })
})

describe('reading metadata', () => {
  it('gives back what was written', () => {
    const bytes = fc.uint8Array({ maxLength: 20 }).map((value) => Buffer.from(value))
    const number = fc.integer({ min: 0, max: 0xffff_ffff })
    const time = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map((ticks) => ticks * 100n)
    const facts = fc.record({
      kind: fc.constant('link' as const),
      name: bytes,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: number,
      gid: number,
      owner: fc.string(),
      group: fc.string({ unit: 'binary' }),
      modifiedNs: time,
      createdNs: time,
      linkTarget: bytes,
      extendedAttributes: fc.constant(new Map([['user.é', Buffer.of(1, 2)]])),
    })
    fc.assert(
      fc.property(facts, ({ kind: _kind, name: _name, ...written }) => {
        expect(readMetadata(writeMetadata({ kind: _kind, name: _name, ...written }))).toMatchObject(written)
      }),
    )
  })

  it('finds nothing in empty metadata', () => {
    const nothing = readText('\ufeff{}')
    expect(Object.values(nothing).filter((value) => value !== undefined)).toEqual([new Map()])
    expect(readText('{}')).toEqual(nothing)
  })

  it('passes over what it cannot understand', () => {
    const metadata = readText(
      '{"unix:uid-gid-perm":"1000-x-420","CoreLastWritetime":"yesterday","CoreCreatetime":"0",' +
        '"unix:owner-name":7,"CoreAttributes":null,"other":{"a":[]},' +
        '"pullback:mode":"4096","unix:group-name":"users"}',
    )
    const { group, extendedAttributes, ...rest } = metadata
    expect(group).toBe('users')
    expect(extendedAttributes.size).toBe(0)
    expect(Object.values(rest).every((value) => value === undefined)).toBe(true)
    expect(readText('{"unix:uid-gid-perm":"1000-4294967296-511"}')).toMatchObject({
      uid: 1000,
      gid: undefined,
      mode: 0o777,
    })
  })

  it('reads a link target of stock verbatim, whatever characters it has', () => {
    expect(readText('{"CoreSymlinkTarget":"a\uef80"}').linkTarget).toEqual(Buffer.from('a\uef80'))
  })

  it('fails with BlockDamaged on what is no object, and with nothing else', () => {
    for (const text of ['', '[]', '"x"', 'null', '{', '{"a":1}}']) {
      expect(() => readText(text)).toThrow(expect.objectContaining({ code: 'BlockDamaged' }))
    }
    expect(() => readMetadata(Buffer.alloc(4 * 1024 * 1024 + 1))).toThrow(/longer/)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (blob) => {
          try {
            readMetadata(blob)
          } catch (error) {
            if (!isPullbackError(error, 'BlockDamaged')) throw error
          }
        },
      ),
    )
  })
})

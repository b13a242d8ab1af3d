import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../base/hash.ts'
import { dindexEntry, listEntryName, readVol, volEntryName, volJson } from './dindex.ts'

const hello = 'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A+4XSmaGSpEc='
const list = '/TwBXPJr41Q5HO1MQu9o/OusxmMD2/gztqxc4fUOOUk='
const volume = 'KbXwo3xp+9yZEgskp1YAlN4OJQKIsDGPkf/eJvji8Aw='
const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
const damaged = expect.objectContaining({ code: 'VolumeDamaged' })

const contents = {
  blocks: [
    { hash: bytes(hello), sizeBytes: 12 },
    { hash: bytes(list), sizeBytes: 256 },
  ],
  volumeHash: bytes(volume),
  volumeSizeBytes: 27_750,
}
const json =
  `{"blocks":[{"hash":"${hello}","size":12},{"hash":"${list}","size":256}],` +
  `"volumehash":"${volume}","volumesize":27750}`

describe('the blocks of a volume', () => {
  it('are written as stock writes them, without a byte order mark', () => {
    expect(volJson(contents).toString()).toBe(json)
    expect(volJson({ ...contents, blocks: [] }).toString()).toBe(
      `{"blocks":[],"volumehash":"${volume}","volumesize":27750}`,
    )
  })

  it('come back as they were written', () => {
    const block = fc.record({
      hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      sizeBytes: fc.maxSafeNat(),
    })
    fc.assert(
      fc.property(fc.array(block), (blocks) => {
        const written = blocks.map(({ hash, sizeBytes }) => ({ hash: Buffer.from(hash), sizeBytes }))
        expect(readVol(volJson({ ...contents, blocks: written }))).toEqual({ ...contents, blocks: written })
      }),
    )
  })

  it('are many in a big volume', () => {
    const blocks = Array.from({ length: 3000 }, (_, index) => ({
      hash: sha256(Buffer.of(index)),
      sizeBytes: index,
    }))
    expect(readVol(volJson({ ...contents, blocks }))).toEqual({ ...contents, blocks })
  })

  it('are read with byte order mark, white space, unknown properties and in any order', () => {
    const other = `\ufeff { "volumesize" : 27750, "volumehash":"${volume}", "blocks" : [
      {"hash":"${hello}","size":12,"more":[1]},
      {"size":256,"hash":"${list}"} ], "more":{} } `
    expect(readVol(Buffer.from(other))).toEqual(contents)
  })

  it('may be all that is said', () => {
    expect(readVol(Buffer.from('{"blocks":[]}'))).toEqual({
      blocks: [],
      volumeHash: undefined,
      volumeSizeBytes: undefined,
    })
  })

  it('are VolumeDamaged if they are not what they must be', () => {
    const wrong = [
      '',
      '[]',
      '{}',
      `[{"hash":"${hello}","size":12}]`,
      `{"other":[{"hash":"${hello}","size":12}]}`,
      json.slice(0, -1),
      json.replace('12', '-12'),
      json.replace('12', '"12"'),
      json.replace(hello, hello.slice(4)),
      json.replace(volume, 'AAAA'),
      json.replace('27750', 'null'),
      '{"blocks":[1]}',
    ]
    for (const text of wrong) expect(() => readVol(Buffer.from(text))).toThrow(damaged)
    expect(() => readVol(Buffer.alloc(64 * 1024 * 1024 + 1))).toThrow(damaged)
  })
})

describe('the entries of a dindex', () => {
  it('are known by their names, with either slash', () => {
    const dblockName = 'duplicati-b0123456789abcdef0123456789abcdef.dblock.zip.aes'
    expect(volEntryName(dblockName)).toBe(`vol/${dblockName}`)
    expect(listEntryName(bytes(list))).toBe('list/_TwBXPJr41Q5HO1MQu9o_OusxmMD2_gztqxc4fUOOUk=')
    for (const slash of ['/', '\\']) {
      expect(dindexEntry(`vol${slash}${dblockName}`)).toEqual({ kind: 'vol', dblockName })
      expect(dindexEntry(listEntryName(bytes(list)).replace('/', slash))).toEqual({
        kind: 'list',
        hash: bytes(list),
      })
    }
  })

  it('are nothing under other names', () => {
    for (const name of [
      'manifest',
      'vol/',
      'vol',
      'list/abc',
      'xvol/a',
      'vol/a/b',
      'vol/../a',
      '',
      'list/manifest',
    ]) {
      expect(dindexEntry(name)).toBeUndefined()
    }
  })
})

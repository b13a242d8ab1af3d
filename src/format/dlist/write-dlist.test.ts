import { describe, expect, it } from 'vitest'
import { AssertionFailed } from '../../base/assert.ts'
import { type DlistEntry, unknownTime } from './dlist-entry.ts'
import { dlistBytes, dlistEntryJson, filesetJson } from './write-dlist.ts'

const metaText = 'HiO4MEotlw8yPthGE9yxqqdcrgf+37LyjwGYbcc4u64='
const bigText = 'xNNizSyaGNgYMuLCf4gW+p8L79Cbdcp9ZgN4KNNJ9d8='
const listTexts = [
  'KtjeT5ClkAEeWXkOq/Dd/DPWkFrkblLSmBZbsxYUtT8=',
  '/TwBXPJr41Q5HO1MQu9o/OusxmMD2/gztqxc4fUOOUk=',
]
const lists = Buffer.concat(listTexts.map((text) => Buffer.from(text, 'base64')))

function entry(facts: Pick<DlistEntry, 'kind' | 'path'> & Partial<DlistEntry>): DlistEntry {
  return {
    hash: undefined,
    sizeBytes: 0,
    blocklists: undefined,
    modifiedSeconds: unknownTime,
    metaHash: Buffer.from(metaText, 'base64'),
    metaSizeBytes: 189,
    metaBlocklists: undefined,
    ...facts,
  }
}

const big = entry({
  kind: 'File',
  path: '/src/sub/big.bin',
  hash: Buffer.from(bigText, 'base64'),
  sizeBytes: 40_000,
  blocklists: lists,
  modifiedSeconds: 1_700_000_000,
})

describe('an entry of the file list', () => {
  it('of a file names hash, size and time before the metadata, blocklists last', () => {
    const start = `{"type":"File","path":"/src/sub/big.bin","hash":"${bigText}","size":40000,"time":"20231114T221320Z"`
    const meta = `"metahash":"${metaText}","metasize":189`
    expect(dlistEntryJson(big)).toBe(`${start},${meta},"blocklists":["${listTexts.join('","')}"]}`)
    expect(dlistEntryJson({ ...big, blocklists: undefined })).toBe(`${start},${meta}}`)
  })

  it('of a folder or link repeats the hash of its metadata', () => {
    const rest = `"metahash":"${metaText}","metasize":189,"metablockhash":"${metaText}"}`
    expect(dlistEntryJson(entry({ kind: 'Folder', path: '/été "1"/' }))).toBe(
      `{"type":"Folder","path":"/été \\"1\\"/",${rest}`,
    )
    expect(dlistEntryJson(entry({ kind: 'Symlink', path: '/l' }))).toBe(
      `{"type":"Symlink","path":"/l",${rest}`,
    )
  })

  it('with metadata of many blocks names its blocklists instead', () => {
    const folder = entry({ kind: 'Folder', path: '/f/', metaSizeBytes: 40_000, metaBlocklists: lists })
    const start = `{"type":"Folder","path":"/f/","metahash":"${metaText}","metasize":40000`
    expect(dlistEntryJson(folder)).toBe(`${start},"metablocklists":["${listTexts.join('","')}"]}`)
  })

  it('is never written without what stock needs', () => {
    const impossible = [
      { ...big, hash: undefined },
      { ...big, metaHash: undefined },
      { ...big, path: '/a\ud800' },
      { ...big, path: '/a\0' },
      { ...big, blocklists: Buffer.of() },
      { ...big, blocklists: Buffer.alloc(33) },
    ]
    for (const one of impossible) expect(() => dlistEntryJson(one)).toThrow(AssertionFailed)
  })
})

describe('the file list', () => {
  it('is an array after a byte order mark, without white space', () => {
    const text = Buffer.concat([...dlistBytes([big, big], 1024)]).toString()
    expect(text).toBe(`\ufeff[${dlistEntryJson(big)},${dlistEntryJson(big)}]`)
    expect(Buffer.concat([...dlistBytes([], 1024)]).toString()).toBe('\ufeff[]')
  })

  it('comes in pieces', () => {
    const pieces = [
      ...dlistBytes(
        Array.from({ length: 1000 }, () => big),
        1024,
      ),
    ]
    expect(pieces.length).toBeGreaterThan(3)
    expect(JSON.parse(Buffer.concat(pieces).toString().slice(1))).toHaveLength(1000)
  })

  it('never names more or fewer blocklists than a size asks for', () => {
    const wrong = [
      { ...big, blocklists: lists.subarray(32) },
      { ...big, blocklists: undefined },
      { ...big, sizeBytes: 1024 },
      { ...big, metaSizeBytes: 1025 },
      entry({ kind: 'Folder', path: '/f/', blocklists: lists }),
    ]
    for (const one of wrong) expect(() => [...dlistBytes([one], 1024)]).toThrow(AssertionFailed)
  })
})

describe('the fileset', () => {
  it('says whether the version is whole', () => {
    expect(filesetJson({ isFullBackup: true }).toString()).toBe('\ufeff{"IsFullBackup":true}')
    expect(filesetJson({ isFullBackup: false }).toString()).toBe('\ufeff{"IsFullBackup":false}')
  })
})

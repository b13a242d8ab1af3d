import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../../base/errors.ts'
import { sha256 } from '../../base/hash.ts'
import { type DlistEntry, unknownTime } from './dlist-entry.ts'
import { readDlist, readFileset } from './read-dlist.ts'
import { dlistBytes } from './write-dlist.ts'

async function read(bytes: Buffer, pieceBytes = 1 << 20): Promise<DlistEntry[]> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
  }
  const entries: DlistEntry[] = []
  for await (const run of readDlist(pieces())) entries.push(...run)
  return entries
}

const readText = (text: string): Promise<DlistEntry[]> => read(Buffer.from(text))
const hashText = sha256(Buffer.of()).toString('base64')
const meta = `"metahash":"${hashText}","metasize":189`
const file = `"path":"/a","hash":"${hashText}","size":0,"time":"20231114T221320Z"`

const blocksizeBytes = 1024
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
const twoLists = fc.tuple(hash, hash).map((hashes) => Buffer.concat(hashes))
const path = fc.string({ unit: 'binary' }).map((text) => `/${text.replaceAll('\0', '')}`)
const metadata = { metaHash: hash, metaSizeBytes: fc.nat(1024), metaBlocklists: fc.constant(undefined) }
const anyEntry: fc.Arbitrary<DlistEntry> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('Folder' as const, 'Symlink' as const),
    path,
    hash: fc.constant(undefined),
    sizeBytes: fc.constant(0),
    blocklists: fc.constant(undefined),
    modifiedSeconds: fc.constant(unknownTime),
    ...metadata,
  }),
  fc.record({
    kind: fc.constant('File' as const),
    path,
    hash,
    sizeBytes: fc.constant(40_000),
    blocklists: twoLists,
    modifiedSeconds: fc.integer({ min: unknownTime, max: 4e9 }),
    metaHash: hash,
    metaSizeBytes: fc.constant(40_000),
    metaBlocklists: twoLists,
  }),
)

describe('a file list', () => {
  it('gives back the entries that were written, wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEntry), fc.integer({ min: 1, max: 300 }), async (entries, pieceBytes) => {
        const bytes = Buffer.concat([...dlistBytes(entries, blocksizeBytes)])
        expect(await read(bytes, pieceBytes)).toEqual(entries)
      }),
      { numRuns: 50 },
    )
  })

  it('may have its properties in any order, and unknown ones', async () => {
    const [entry] = await readText(
      `[ {"extra":{"deep":[1,2]},"metasize":189,"metahash":"${hashText}","size":0,` +
        `"hash":"${hashText}","path":"/a","type":"File"} ]`,
    )
    expect(entry).toMatchObject({
      kind: 'File',
      path: '/a',
      modifiedSeconds: unknownTime,
      metaSizeBytes: 189,
    })
  })

  it('may spell types in any case, and have types that are passed over', async () => {
    const unknown = '{"type":"AlternateStream","path":"/x"},{"type":"Else"}'
    const list = `[{"type":"FOLDER","path":"/f/",${meta}},${unknown},{"type":"file",${file}}]`
    expect((await readText(list)).map((entry) => entry.kind)).toEqual(['Folder', 'File'])
  })

  it('may lack metadata, and repeat hashes of single blocks', async () => {
    expect((await readText(`[{"type":"File",${file}}]`))[0]).toMatchObject({
      metaHash: undefined,
      metaSizeBytes: 0,
    })
    const repeated = `"metablockhash":"${hashText}","blockhash":"${hashText}","blocksize":0`
    expect((await readText(`[{"type":"File",${file},${meta},${repeated}}]`))[0]).toMatchObject({
      blocklists: undefined,
      metaBlocklists: undefined,
    })
  })

  it('hands dangerous paths out as they are', async () => {
    const paths = ['/a/../b', '../x', 'C:\\x', '/a//b', 'relative']
    const list = paths.map((one) => ({ type: 'Symlink', path: one }))
    expect((await readText(JSON.stringify(list))).map((entry) => entry.path)).toEqual(paths)
  })

  it('takes paths up to 64 KiB', async () => {
    const list = (bytes: number): string =>
      JSON.stringify([{ type: 'Symlink', path: `/${'é'.repeat((bytes - 2) / 2)}x` }])
    expect(await readText(list(65_536))).toHaveLength(1)
    await expect(readText(list(65_538))).rejects.toThrow(/64 KiB/)
  })

  const wrong = {
    'is no array': '{"type":"File"}',
    'holds an array in something else': `{"x":[{"type":"File",${file}}]}`,
    'ends too early': `[{"type":"File",${file}}`,
    'has an entry that is no object': '[1]',
    'has an entry without type': `[{${file}}]`,
    'has an entry without path': '[{"type":"Folder"}]',
    'has an empty path': '[{"type":"Folder","path":""}]',
    'has a path with a zero byte': '[{"type":"Folder","path":"/a\\u0000"}]',
    'has a path with half a character': '[{"type":"Folder","path":"/a\\ud800"}]',
    'has a file without hash': '[{"type":"File","path":"/a","size":1}]',
    'has a hash of another length': `[{"type":"File","path":"/a","size":1,"hash":"${hashText.slice(4)}"}]`,
    'has a negative size': `[{"type":"File","path":"/a","size":-1,"hash":"${hashText}"}]`,
    'has a size with a fraction': `[{"type":"File","path":"/a","size":0.5,"hash":"${hashText}"}]`,
    'has metadata without size': `[{"type":"Folder","path":"/a","metahash":"${hashText}"}]`,
    'has blocklists that are no array': `[{"type":"File",${file},"blocklists":"${hashText}"}]`,
    'has a blocklist that is no hash': `[{"type":"File",${file},"blocklists":[1]}]`,
  }
  for (const [how, text] of Object.entries(wrong)) {
    it(`is VolumeDamaged if it ${how}`, async () => {
      await expect(readText(text)).rejects.toMatchObject({ code: 'VolumeDamaged' })
    })
  }

  it('gives entries or VolumeDamaged, whatever value it holds', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('File', 'Folder', '/a', hashText, 5),
    )
    const keys = [
      'type',
      'path',
      'hash',
      'size',
      'time',
      'metahash',
      'metasize',
      'blocklists',
      'metablocklists',
    ]
    const element = fc.dictionary(fc.constantFrom(...keys), value)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(element, value)), async (list) => {
        try {
          await readText(JSON.stringify(list))
        } catch (error) {
          if (!isPullbackError(error, 'VolumeDamaged')) throw error
        }
      }),
    )
  })
})

describe('a fileset', () => {
  it('is of a full backup unless it says otherwise', () => {
    expect(readFileset(Buffer.from('\ufeff{"IsFullBackup":true}'))).toEqual({ isFullBackup: true })
    expect(readFileset(Buffer.from('{ "IsFullBackup" : false }'))).toEqual({ isFullBackup: false })
    expect(readFileset(Buffer.from('{}'))).toEqual({ isFullBackup: true })
  })

  it('is VolumeDamaged if it is no JSON', () => {
    expect(() => readFileset(Buffer.from('IsFullBackup'))).toThrow(
      expect.objectContaining({ code: 'VolumeDamaged' }),
    )
  })
})

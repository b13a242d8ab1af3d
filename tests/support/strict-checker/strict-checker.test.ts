// The checker judged by a small backup made by hand: sound, it passes and has the hashes of the format's description;
// with one thing wrong, exactly that is reported.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decryptStream } from './aes-crypt.ts'
import { checkBackup, expectSound, type CheckOptions } from './check-backup.ts'
import { secretsFor, writeStream } from './example/aes.ts'
import { BLOCKSIZE, NAMES, writeExample, type Mutation } from './example/backup.ts'
import type { Part } from './example/zip.ts'
import { MISTAKES } from './example/mistakes/all.ts'
import { newFindings } from './findings.ts'

const PASSPHRASE = 'pässword'
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strict-checker-test-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function check(mutation: Mutation, options: Partial<CheckOptions> = {}) {
  writeExample(folder, mutation)
  const { passphrase } = mutation
  return checkBackup(folder, {
    written: 'pullback',
    blocksize: BLOCKSIZE,
    ...(passphrase !== undefined && { passphrase }),
    ...options,
  })
}

describe('a sound backup', () => {
  it.for([undefined, PASSPHRASE])('passes without a remark, with passphrase %s', async (passphrase) => {
    const report = await check(passphrase === undefined ? {} : { passphrase })
    expect(report.problems).toEqual([])
    expect(report.tolerated).toEqual([])
    expect(report.versions).toEqual([
      {
        name: expect.stringContaining('221400Z'),
        timeMs: 1_700_000_040_000,
        full: true,
        entries: 7,
        files: 4,
        bytes: 42_512,
      },
      {
        name: expect.stringContaining('221500Z'),
        timeMs: 1_700_000_100_000,
        full: true,
        entries: 8,
        files: 5,
        bytes: 42_524,
      },
    ])
    expect(report.volumes).toMatchObject({
      dlists: 2,
      dblocks: 2,
      dindexes: 2,
      encrypted: passphrase !== undefined,
    })
    expect(report.blocks).toMatchObject({ count: 53, unused: 0, duplicates: 0, blocksize: BLOCKSIZE })
  })

  it('may carry control files of any name in its dlist', async () => {
    const dlist = ([fileset, ...rest]: Part[]) =>
      [fileset, { name: 'extra/été.json', content: Buffer.from('{}') }, ...rest].filter(
        (part) => part !== undefined,
      )
    expect((await check({ dlist })).problems).toEqual([])
  })

  it('has the hashes of the worked examples', () => {
    const { filelist, partNames } = writeExample(folder)
    for (const hash of [
      'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A+4XSmaGSpEc=',
      '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      'p1xbFG862dLm5UZS5x62odIG/7E0i+0sL0O1HdqsD4g=',
      'OKWrCqYGnGfU/MYV8ze8yck+tQqOxWczva2uoOTwnsA=',
      'xNNizSyaGNgYMuLCf4gW+p8L79Cbdcp9ZgN4KNNJ9d8=',
      'KtjeT5ClkAEeWXkOq/Dd/DPWkFrkblLSmBZbsxYUtT8=',
      '/TwBXPJr41Q5HO1MQu9o/OusxmMD2/gztqxc4fUOOUk=',
      'HiO4MEotlw8yPthGE9yxqqdcrgf+37LyjwGYbcc4u64=',
      'U1yUrS3t2VkqEsQ3FWQ7PMKcvqMxHE7gcJ13qdwjy8I=',
      '82U0mQPzpbDXimrf10Y9d4sfn3Zb4ra5ltilsfWu56Y=',
    ]) {
      expect(filelist).toContain(hash)
    }
    expect(partNames).toEqual(
      expect.arrayContaining([
        'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEc=',
        'K84bpihyBmS-S5_dd6rgZ45fDz8C_G_2QeyHkJT2pAQ=',
        'cvhKFY54lDGJ867KLBpcOwPPxSiH85A1xf8P19njDgg=',
        'S9UVvjFQRnFunuTzaqZwUQgOEioe7OyicIc55vpYYKs=',
        '_TwBXPJr41Q5HO1MQu9o_OusxmMD2_gztqxc4fUOOUk=',
      ]),
    )
  })

  it('is shown entry by entry to whoever asks', async () => {
    const seen: string[] = []
    await check({}, { eachEntry: (entry, version) => seen.push(`${version} ${entry.type} ${entry.path}`) })
    expect(seen).toHaveLength(15)
    expect(seen[1]).toBe(`${NAMES.dlists[1]}.zip Symlink /src/link`)
  })
})

describe('the AES reader', () => {
  it('decrypts the published stream', () => {
    const stream = Buffer.from(
      '41455302000000000102030405060708090a0b0c0d0e0f' +
        '2596c6deadbdc3f32afb567cc148b63c435d827096d72dd3a567ac7ab82af3cdddc3bf5fa9834ebc2325ad3963be1f41' +
        'a122217c8c2a752439a08b00db64d0042381774315e490ece9a5a28b3700e777' +
        '203b9251861e528253d25a21a69c675a0c' +
        '4b0444caadbc07a64905f130ad7ae6914fae61ec6c27562283d050a8a3fd1f81',
      'hex',
    )
    const findings = newFindings({ written: 'pullback', cutOff: false })
    const { plaintext, sessionKey } = decryptStream(stream, PASSPHRASE, findings.root)
    expect(plaintext.toString()).toBe('hello world\n')
    expect(sessionKey).toBe('202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f')
    expect(findings.problems).toEqual([])
  })

  it('notices a full block of padding where none belongs', () => {
    const key = { passphrase: PASSPHRASE, secrets: secretsFor('any') }
    const stream = writeStream(Buffer.alloc(32), key, { fullPaddingBlock: true })
    const findings = newFindings({ written: 'pullback', cutOff: false })
    decryptStream(stream, PASSPHRASE, findings.root)
    expect(findings.problems).toEqual(['a full block of padding follows the plaintext; expected none'])
  })
})

describe('a backup with one mistake', () => {
  it.for(MISTAKES)('is refused: $mistake', async ({ mutation, options, reports }) => {
    const { problems } = await check(mutation, options)
    const unexpected = problems.filter((problem) => !reports.some((report) => problem.includes(report)))
    const unreported = reports.filter((report) => !problems.some((problem) => problem.includes(report)))
    expect({ unexpected, unreported, problems }).toEqual({ unexpected: [], unreported: [], problems })
  })
})

describe('a backup of another writer', () => {
  it('may differ in all that readers must tolerate', async () => {
    const { problems, tolerated } = await check(
      {
        dlistZip: { descriptors: true, prefixBytes: 9, comment: 'hi', reverseDirectory: true },
        fileset: (json) => json.slice(1),
        filelist: (json) => json.slice(1).replaceAll(',', ',\n'),
        vol: (json) => `\uFEFF${json}`,
        metadata: { file: (json) => json.slice(1) },
        files: (files) => files.set('notes.txt', Buffer.from('x')).delete(`${NAMES.dindexes[1]}.zip`),
      },
      { written: 'stock' },
    )
    expect(problems).toEqual([])
    expect(tolerated.length).toBeGreaterThan(10)
  })

  it('must not lie about its content', async () => {
    const { problems } = await check(
      { filelist: (json) => json.replace('"size":12,', '"size":13,') },
      { written: 'stock' },
    )
    expect(problems).toEqual([expect.stringContaining('expected with 13 bytes, found with 12')])
  })
})

describe('expectSound', () => {
  it('throws an error that lists every problem', async () => {
    writeExample(folder, { manifest: (json) => json.slice(1), dlistZip: { trailingBytes: 3 } })
    await expect(expectSound(folder, { written: 'pullback' })).rejects.toThrow(
      new RegExp(
        '^2 problems in .*\\n  duplicati-b1f6.*\\.zip, manifest: expected a byte order mark, found none' +
          '\\n  .* 3 bytes follow',
      ),
    )
  })
})

describe('what an interrupted run leaves', () => {
  const interrupted: Mutation = {
    files: (files) => {
      files.delete(`${NAMES.dlists[0]}.zip`)
      files.delete(`${NAMES.dlists[1]}.zip`)
      files.delete(`${NAMES.dindexes[0]}.zip`)
      const cut = `${NAMES.dblocks[1]}.zip`
      files.set(cut, files.get(cut)?.subarray(0, 1000) ?? Buffer.alloc(0))
    },
  }

  it('is no problem where an interruption is known', async () => {
    const { problems, tolerated } = await check(interrupted, { cutOff: true })
    expect(problems).toEqual([])
    expect(tolerated).toHaveLength(6)
  })

  it('is one everywhere else', async () => {
    expect((await check(interrupted)).problems).toHaveLength(6)
  })
})

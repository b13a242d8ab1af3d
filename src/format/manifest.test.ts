import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../base/errors.ts'
import { manifestMaxBytes, readManifest, writeManifest } from './manifest.ts'

const stock = {
  Version: 2,
  Created: '20231114T221320Z',
  Encoding: 'utf8',
  Blocksize: 1_048_576,
  BlockHash: 'SHA256',
  FileHash: 'SHA256',
  AppVersion: '2.3.0.4',
}

function read(manifest: unknown): ReturnType<typeof readManifest> {
  return readManifest(Buffer.from(JSON.stringify(manifest)))
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    if (isPullbackError(error)) return error.code
    throw error
  }
  return undefined
}

describe('the manifest', () => {
  it('is written as stock writes it, with a byte order mark', () => {
    const bytes = writeManifest({ blocksize: 1_048_576, createdMs: 1_700_000_000_999, appVersion: '2.3.0.4' })
    expect(bytes.toString()).toBe(`\ufeff${JSON.stringify(stock)}`)
    expect(readManifest(bytes)).toEqual({ version: 2, blocksize: 1_048_576 })
  })

  it('is read without a byte order mark, in version 1, and with what is unknown in it', () => {
    expect(read({ Unknown: [1], ...stock, Version: 1 })).toEqual({ version: 1, blocksize: 1_048_576 })
  })

  it.each([
    { ...stock, Version: 3 },
    { ...stock, Encoding: 'utf16' },
    { ...stock, BlockHash: 'SHA512' },
    { ...stock, FileHash: 'sha256' },
  ])('of another kind is refused as unsupported: %j', (manifest) => {
    expect(codeOf(() => read(manifest))).toBe('FormatUnsupported')
  })

  it.each([
    [],
    null,
    'text',
    {},
    { ...stock, Version: undefined },
    { ...stock, Version: -1 },
    { ...stock, Encoding: 8 },
    { ...stock, BlockHash: undefined },
    { ...stock, Blocksize: '1048576' },
    { ...stock, Blocksize: 1023 },
    { ...stock, Blocksize: 2 ** 31 },
    { ...stock, Blocksize: 1024.5 },
  ])('without what it must say is damaged: %j', (manifest) => {
    expect(codeOf(() => read(manifest))).toBe('VolumeDamaged')
  })

  it('that is too long is damaged', () => {
    const long = Buffer.concat([Buffer.from(JSON.stringify(stock)), Buffer.alloc(manifestMaxBytes, ' ')])
    expect(codeOf(() => readManifest(long))).toBe('VolumeDamaged')
  })

  it('of any other bytes is damaged, never a surprise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(codeOf(() => readManifest(bytes))).toBe('VolumeDamaged')
      }),
    )
  })
})

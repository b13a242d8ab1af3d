import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256, sha256Length } from '../base/hash.ts'
import { blockEntryName, blockHashOfEntryName } from './block-name.ts'

describe('the name of a block', () => {
  it('is the one that stock gives it', () => {
    const name = blockEntryName(sha256(Buffer.from('hello world\n')))
    expect(name).toBe('qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEc=')
  })

  it('gives the hash back, for every hash', () => {
    const hashes = fc.uint8Array({ minLength: sha256Length, maxLength: sha256Length })
    fc.assert(
      fc.property(hashes, (bytes) => {
        expect(blockHashOfEntryName(blockEntryName(Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it.each([
    'manifest',
    '',
    'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEc',
    'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A+4XSmaGSpEc=',
    'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEd=',
    'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSp.c=',
    'qUiQTy8PR5uPgZdpSzAYSw0u0cHNKh7A-4XSmaGSpEcc',
  ])('is not "%s"', (name) => {
    expect(blockHashOfEntryName(name)).toBeUndefined()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  duplicatiFingerprint,
  isWrittenKey,
  keyBitsOf,
  keyTypeOf,
  md5Fingerprint,
  readFingerprint,
  sha256Fingerprint,
} from './fingerprint.ts'
import {
  ecdsaBlob,
  ecdsaSha256,
  ed25519Blob,
  ed25519Md5,
  ed25519Sha256,
  rsaBlob,
  rsaMd5,
  rsaSha256,
} from '../../tests/support/public-keys.ts'

describe('a fingerprint', () => {
  it('is what ssh-keygen prints', () => {
    expect(sha256Fingerprint(ed25519Blob)).toBe(ed25519Sha256)
    expect(sha256Fingerprint(ecdsaBlob)).toBe(ecdsaSha256)
    expect(sha256Fingerprint(rsaBlob)).toBe(rsaSha256)
    expect(md5Fingerprint(ed25519Blob)).toBe(ed25519Md5)
    expect([ed25519Blob, ecdsaBlob, rsaBlob].map(keyBitsOf)).toEqual([256, 256, 3072])
  })

  it('has a form that Duplicati understands', () => {
    expect(duplicatiFingerprint(rsaBlob)).toBe(`ssh-rsa 3072 ${rsaMd5}`)
  })

  it.each([
    ed25519Sha256,
    `${ed25519Sha256}=`,
    `ssh-ed25519 ${ed25519Sha256}`,
    ed25519Md5,
    ed25519Md5.toUpperCase(),
    `MD5:${ed25519Md5}`,
    `ssh-ed25519 255 ${ed25519Md5}`,
    `SSH-ED25519 256 ${ed25519Md5.toUpperCase()}`,
  ])('%s names the key', (text) => {
    const written = readFingerprint(text)
    expect(written && isWrittenKey(ed25519Blob, written)).toBe(true)
    expect(written && isWrittenKey(ecdsaBlob, written)).toBe(false)
  })

  it('counts RSA signature names as the RSA key they sign with', () => {
    const written = readFingerprint(`rsa-sha2-512 3072 ${rsaMd5}`)
    expect(written && isWrittenKey(rsaBlob, written)).toBe(true)
  })

  it('does not name a key of another type', () => {
    const written = readFingerprint(`ssh-rsa 256 ${ed25519Md5}`)
    expect(written && isWrittenKey(ed25519Blob, written)).toBe(false)
  })

  it.each(['', 'SHA256:', 'SHA256:abc', 'aa:bb', `${ed25519Md5}:00`, 'yes'])('%j is none', (text) => {
    expect(readFingerprint(text)).toBeUndefined()
  })

  it('can be taken of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const blob = Buffer.from(bytes)
        expect(typeof keyTypeOf(blob)).toBe('string')
        expect(keyBitsOf(blob)).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { hostKeyAlgorithms, pinnedKey, refuseHostKey, type HostKeyPolicy } from './host-key-check.ts'
import {
  ecdsaBlob,
  ecdsaSha256,
  ed25519Blob,
  ed25519Md5,
  ed25519Sha256,
  rsaBlob,
} from '../../tests/support/public-keys.ts'

const nothingKnown: HostKeyPolicy = { host: 'h', port: 2222, known: { accepted: [], revoked: [] } }
const edKnown: HostKeyPolicy = { ...nothingKnown, known: { accepted: [ed25519Blob], revoked: [] } }

describe('the check of a host key', () => {
  it('accepts a known key and no other', () => {
    expect(refuseHostKey(edKnown, ed25519Blob)).toBeUndefined()
    const refusal = refuseHostKey(edKnown, ecdsaBlob)
    expect(refusal?.code).toBe('HostKeyChanged')
    expect(refusal?.what).toContain(ecdsaSha256)
    expect(refusal?.what).toContain(ed25519Sha256)
    expect(refusal?.what).toContain('h:2222')
  })

  it('tells how an unknown key can be accepted', () => {
    const refusal = refuseHostKey(nothingKnown, ed25519Blob)
    expect(refusal?.code).toBe('HostKeyUnknown')
    expect(refusal?.advice).toContain(`ssh-fingerprint=${ed25519Sha256}`)
    expect(refusal?.advice).toContain(`[h]:2222 ssh-ed25519 ${ed25519Blob.toString('base64')}`)
  })

  it('believes a fingerprint over known_hosts', () => {
    const pinned = pinnedKey(ed25519Md5)
    expect(refuseHostKey({ ...nothingKnown, pinned }, ed25519Blob)).toBeUndefined()
    const other = { ...nothingKnown, known: { accepted: [ecdsaBlob], revoked: [] }, pinned }
    expect(refuseHostKey(other, ecdsaBlob)?.code).toBe('HostKeyChanged')
  })

  it('never accepts a revoked key', () => {
    const known = { accepted: [ed25519Blob], revoked: [ed25519Blob] }
    expect(refuseHostKey({ ...nothingKnown, known }, ed25519Blob)?.what).toContain('revoked')
    const pinned = pinnedKey(ed25519Sha256)
    expect(refuseHostKey({ ...nothingKnown, known, pinned }, ed25519Blob)?.code).toBe('HostKeyChanged')
  })

  it('asks first for the type of key that is known', () => {
    const rsaKnown = { ...nothingKnown, known: { accepted: [rsaBlob], revoked: [] } }
    expect(hostKeyAlgorithms(rsaKnown).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'])
    const pinned = pinnedKey(`ecdsa-sha2-nistp256 256 ${ed25519Md5}`)
    expect(hostKeyAlgorithms({ ...rsaKnown, pinned })[0]).toBe('ecdsa-sha2-nistp256')
    expect(hostKeyAlgorithms(nothingKnown)[0]).toBe('ssh-ed25519')
  })

  it('never offers RSA with SHA-1', () => {
    expect(hostKeyAlgorithms(edKnown)).not.toContain('ssh-rsa')
  })

  it('refuses a fingerprint that is none', () => {
    expect(() => pinnedKey('something')).toThrow(/not a fingerprint/)
  })
})

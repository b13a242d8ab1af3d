import { describe, expect, it } from 'vitest'
import { knownHostsLine, knownKeysOf } from './known-hosts.ts'
import { ecdsaBlob, ed25519Blob, hashedLine, rsaBlob } from '../../tests/support/public-keys.ts'

const ed = `ssh-ed25519 ${ed25519Blob.toString('base64')}`
const ec = `ecdsa-sha2-nistp256 ${ecdsaBlob.toString('base64')}`
const rsa = `ssh-rsa ${rsaBlob.toString('base64')}`

describe('known_hosts', () => {
  it('names all keys of a host, whatever stands around them', () => {
    const wrongType = `host ssh-rsa ${ed25519Blob.toString('base64')}`
    const lines = [
      '# comment',
      '',
      `host ${ed} a comment`,
      `  host\t${ec}\r`,
      `other ${rsa}`,
      'host nonsense',
      wrongType,
    ]
    const text = lines.join('\n')
    expect(knownKeysOf(text, 'HOST', 22)).toEqual({ accepted: [ed25519Blob, ecdsaBlob], revoked: [] })
  })

  it('keeps ports apart', () => {
    const text = `host ${ed}\n[host]:2222 ${ec}`
    expect(knownKeysOf(text, 'host', 22).accepted).toEqual([ed25519Blob])
    expect(knownKeysOf(text, 'host', 2222).accepted).toEqual([ecdsaBlob])
    expect(knownKeysOf(text, 'host', 2200).accepted).toEqual([])
  })

  it('reads lists, wildcards and exceptions', () => {
    const text = `a.example,*.lan,!evil.lan,10.0.0.? ${ed}`
    const known = (host: string): boolean => knownKeysOf(text, host, 22).accepted.length === 1
    expect(['a.example', 'x.lan', 'x.y.lan', '10.0.0.7'].map(known)).toEqual([true, true, true, true])
    expect(['b.example', 'evil.lan', 'lan', '10.0.0.77', 'a.examplee'].map(known)).not.toContain(true)
  })

  it('reads hashed names', () => {
    expect(knownKeysOf(hashedLine, 'host.example', 2222).accepted).toEqual([ed25519Blob])
    expect(knownKeysOf(hashedLine, 'host.example', 22).accepted).toEqual([])
    expect(knownKeysOf(hashedLine.replace('|1|', '|2|'), 'host.example', 2222).accepted).toEqual([])
  })

  it('tells revoked keys, and does not take the key of an authority for that of a host', () => {
    const text = `@revoked * ${ed}\n@cert-authority * ${ec}`
    expect(knownKeysOf(text, 'host', 22)).toEqual({ accepted: [], revoked: [ed25519Blob] })
  })

  it('is not slow on a pattern made to be slow', () => {
    const text = `${'*a'.repeat(500)}b ${ed}`
    expect(knownKeysOf(text, 'a'.repeat(1000), 22).accepted).toEqual([])
  })

  it('finds the key under the line that a person is told to add', () => {
    for (const port of [22, 2222]) {
      expect(knownKeysOf(knownHostsLine('Host', port, rsaBlob), 'host', port).accepted).toEqual([rsaBlob])
    }
  })
})

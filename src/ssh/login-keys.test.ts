import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../base/errors.ts'
import { newKeyPair } from '../../tests/support/client-key.ts'
import { tempFolder } from '../../tests/support/temp-folder.ts'
import { namedKey, openKey, usualKeys } from './login-keys.ts'
import { parseSshAddress } from './ssh-address.ts'

const types = [
  ['rsa', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ec', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ed25519', () => generateKeyPairSync('ed25519')],
] as const

const secret = 'canary-passphrase'

describe('a login key', () => {
  it.each(types)('of type %s is read from the form that OpenSSL writes, and signs', (_type, make) => {
    const { privateKey, publicKey } = make()
    const plain = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const sealed = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: secret,
    })
    for (const key of [openKey('k', plain), openKey('k', sealed, secret)].map((one) => one.key)) {
      const signature = key.sign('message')
      expect(key.verify('message', signature)).toBe(true)
      const jwk = publicKey.export({ format: 'jwk' })
      const part = Buffer.from(jwk.x ?? jwk.n ?? '', 'base64url')
      expect(key.getPublicSSH().includes(part)).toBe(true)
    }
  })

  it('is read from the form that ssh-keygen writes, with and without a passphrase', () => {
    const plain = newKeyPair()
    const sealed = newKeyPair({ passphrase: secret, cipher: 'aes256-cbc', rounds: 1 })
    expect(openKey('k', plain.private).key.type).toBe('ssh-ed25519')
    expect(openKey('k', sealed.private, secret).key.type).toBe('ssh-ed25519')
    expect(failure(() => openKey('the key K', sealed.private))).toContain('no passphrase was given')
    expect(failure(() => openKey('the key K', sealed.private, 'wrong'))).toContain('does not open the key K')
    expect(failure(() => openKey('the key K', sealed.private, 'wrong'))).not.toContain('wrong')
  })

  it('under a wrong passphrase says so for OpenSSL’s form too', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const sealed = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: secret,
    })
    expect(failure(() => openKey('K', sealed))).toContain('no passphrase')
    expect(failure(() => openKey('K', sealed, 'wrong'))).toContain('does not open')
  })

  it('is not a public key, nor any text', () => {
    expect(failure(() => openKey('K', newKeyPair().public))).toContain('public key')
    expect(failure(() => openKey('K', 'hello'))).toContain('cannot be read')
  })

  it('may be given as text in an option', async () => {
    const pair = newKeyPair()
    const address = parseSshAddress(`ssh://u@h/p?ssh-key=sshkey://${encodeURIComponent(pair.private)}`)
    expect((await namedKey(address))?.key.type).toBe('ssh-ed25519')
  })

  it('that was named and is not there is an error with its name', async () => {
    const address = parseSshAddress('ssh://u@h/p?ssh-keyfile=/nowhere/id_x')
    await expect(namedKey(address)).rejects.toMatchObject({
      code: 'LoginKeyUnusable',
      what: 'the key file /nowhere/id_x does not exist',
    })
  })

  it('that was not named is taken from the usual files, as far as they can be used', async () => {
    const home = tempFolder()
    mkdirSync(join(home, '.ssh'))
    expect(await usualKeys(home)).toEqual([])
    const sealed = newKeyPair({ passphrase: secret, cipher: 'aes256-cbc', rounds: 1 })
    writeFileSync(join(home, '.ssh', 'id_ed25519'), sealed.private)
    writeFileSync(join(home, '.ssh', 'id_ecdsa'), 'broken')
    writeFileSync(join(home, '.ssh', 'id_rsa'), ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).private)
    expect((await usualKeys(home)).map(({ key }) => key.type)).toEqual(['ssh-rsa'])
  })
})

/** The message and the advice, checked to hold no passphrase. */
function failure(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!isPullbackError(error, 'LoginKeyUnusable')) throw error
    expect(`${error.what}${error.advice}`).not.toContain(secret)
    return error.what
  }
  throw new Error('it did not fail')
}

// Finds and opens the private keys to log in with: the one that the options name, or the usual files of this user.
// A key that was named and cannot be used ends the login before it begins, with the reason; of the usual files only
// those are taken that need no passphrase. Every form that `ssh-keygen` and OpenSSL write is read.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParsedKey } from 'ssh2'
import { messageOf, PullbackError, systemCode } from '../base/errors.ts'
import type { SshAddress } from './ssh-address.ts'
import { ssh2 } from './ssh2.ts'

export interface LoginKey {
  /** For people: where it came from. */
  readonly name: string
  readonly key: ParsedKey
}

/** The key that the options ssh-keyfile or ssh-key name, if they do. Fails with `LoginKeyUnusable`. */
export async function namedKey(address: SshAddress): Promise<LoginKey | undefined> {
  const text = address.options.get('ssh-key')
  if (text !== undefined) return openKey('the key given by ssh-key', keyText(text), address.password)
  const file = address.options.get('ssh-keyfile')
  if (file === undefined) return undefined
  if (file.startsWith(keyScheme)) {
    return openKey('the key given by ssh-keyfile', keyText(file), address.password)
  }
  return openKey(`the key ${file}`, await readKeyFile(file), address.password)
}

/** The usual key files of this user that exist and are not encrypted, in the order in which they are tried. */
export async function usualKeys(homeFolder: string): Promise<LoginKey[]> {
  const keys: LoginKey[] = []
  for (const name of ['id_ed25519', 'id_ecdsa', 'id_rsa']) {
    const file = join(homeFolder, '.ssh', name)
    try {
      const text = await readKeyFile(file)
      if (!isEncrypted(text)) keys.push(openKey(`the key ${file}`, text))
    } catch (error) {
      // Nobody named these files: one that is missing or broken is no reason to stop.
      if (!(error instanceof PullbackError)) throw error
    }
  }
  return keys
}

/** Opens the text of a private key; `name` is for people. Fails with `LoginKeyUnusable`. */
export function openKey(name: string, text: string, passphrase?: string): LoginKey {
  if (isEncrypted(text) && passphrase === undefined) {
    throw unusable(`${name} is encrypted and no passphrase was given`, {
      advice: 'Give its passphrase as auth-password, or use a key without one.',
    })
  }
  const parsed = ssh2().utils.parseKey(toPemThatSsh2Reads(name, text, passphrase), passphrase)
  if (parsed instanceof Error) {
    if (isEncrypted(text)) throw unusable(`the passphrase does not open ${name}`, { cause: parsed })
    throw unusable(`${name} cannot be read: ${messageOf(parsed)}`, { cause: parsed })
  }
  // The types say one key; for an OpenSSH container it is a list of one.
  const key = Array.isArray(parsed) ? (parsed[0] as ParsedKey) : parsed
  if (!key.isPrivateKey()) {
    throw unusable(`${name} is a public key`, { advice: 'Name the private key: the file without .pub.' })
  }
  return { name, key }
}

const keyScheme = 'sshkey://'

/** `sshkey://` and the URL-encoded text, or the text itself. */
function keyText(option: string): string {
  if (!option.startsWith(keyScheme)) return option
  try {
    return decodeURIComponent(option.slice(keyScheme.length))
  } catch (cause) {
    throw unusable('the key given after sshkey:// is not URL-encoded text', { cause })
  }
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (cause) {
    const missing = systemCode(cause) === 'ENOENT'
    throw unusable(
      missing
        ? `the key file ${file} does not exist`
        : `the key file ${file} cannot be read: ${messageOf(cause)}`,
      { cause },
    )
  }
}

function unusable(what: string, more: { advice?: string; cause?: unknown }): PullbackError {
  return new PullbackError('LoginKeyUnusable', { what, ...more })
}

const openSshMagic = 'openssh-key-v1\0'

/** True for a private key under a passphrase, in any of the three forms. */
function isEncrypted(text: string): boolean {
  if (/ENCRYPTED/.test(text) || /^Encryption: (?!none)/m.test(text)) return true
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(text)?.[1]
  if (body === undefined) return false
  const bytes = Buffer.from(body, 'base64').subarray(openSshMagic.length)
  return bytes.length > 8 && bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1') !== 'none'
}

/** ssh2 does not know PKCS#8, the form that OpenSSL writes by default: such a key is turned into one it knows. */
function toPemThatSsh2Reads(name: string, text: string, passphrase?: string): string {
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return text
  let key: KeyObject
  try {
    key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch (cause) {
    if (isEncrypted(text)) throw unusable(`the passphrase does not open ${name}`, { cause })
    throw unusable(`${name} cannot be read: ${messageOf(cause)}`, { cause })
  }
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' })
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' })
  if (key.asymmetricKeyType === 'ed25519') return openSshContainer(key)
  throw unusable(`${name} is of the type ${key.asymmetricKeyType ?? 'secret'}, which SSH does not use`, {})
}

/** The container of OpenSSH's PROTOCOL.key, for one Ed25519 key without a passphrase. */
function openSshContainer(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const [point, seed] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')]
  const type = sshString(Buffer.from('ssh-ed25519'))
  const blob = Buffer.concat([type, sshString(point)])
  // Two equal numbers tell whether a passphrase was right; without one they may be anything. No comment.
  const secret = [Buffer.alloc(8), blob, sshString(Buffer.concat([seed, point])), sshString(Buffer.alloc(0))]
  const length = secret.reduce((sum, part) => sum + part.length, 0)
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1))
  const none = sshString(Buffer.from('none'))
  const noOptions = sshString(Buffer.alloc(0))
  const oneKey = Buffer.from([0, 0, 0, 1])
  const head = [Buffer.from(openSshMagic), none, none, noOptions, oneKey, sshString(blob)]
  const base64 = Buffer.concat([...head, sshString(Buffer.concat([...secret, padding]))]).toString('base64')
  const lines = base64.replace(/.{70}/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}

function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

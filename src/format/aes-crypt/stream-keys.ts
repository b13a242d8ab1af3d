// The keys of an AES Crypt stream. A passphrase gives the outer key, slowly on purpose; the outer key wraps the
// session key and vector, which encrypt the content. Sources: the AES Crypt stream format, versions 0 to 3;
// SharpAESCrypt for how Duplicati uses version 2.
import { createCipheriv, createDecipheriv, createHmac, hash, pbkdf2Sync } from 'node:crypto'

export const vectorLength = 16
export const keyLength = 32
export const wrappedLength = vectorLength + keyLength
export const macLength = 32

/** Of version 2 and below, fixed by the format; about 9 ms. */
const rounds = 8192

export interface SessionKeys {
  readonly vector: Buffer
  readonly key: Buffer
}

/**
 * The outer key of versions 0 to 2. The passphrase counts as UTF-16, least byte first, without a mark or
 * normalisation.
 */
export function outerKey(passphrase: string, vector: Uint8Array): Buffer {
  const text = Buffer.from(passphrase, 'utf16le')
  const input = Buffer.alloc(keyLength + text.length)
  input.set(vector)
  input.set(text, keyLength)
  for (let round = 0; round < rounds; round += 1) input.set(hash('sha256', input, 'buffer'))
  return Buffer.from(input.subarray(0, keyLength))
}

/** The outer key of version 3. */
export function outerKeyV3(passphrase: string, vector: Uint8Array, iterations: number): Buffer {
  return pbkdf2Sync(Buffer.from(passphrase, 'utf8'), vector, iterations, keyLength, 'sha512')
}

export function wrapKeys(session: SessionKeys, outer: { key: Buffer; vector: Uint8Array }): Buffer {
  const cipher = createCipheriv('aes-256-cbc', outer.key, outer.vector).setAutoPadding(false)
  return Buffer.concat([cipher.update(session.vector), cipher.update(session.key), cipher.final()])
}

export function unwrapKeys(wrapped: Uint8Array, outer: { key: Buffer; vector: Uint8Array }): SessionKeys {
  const decipher = createDecipheriv('aes-256-cbc', outer.key, outer.vector).setAutoPadding(false)
  const both = Buffer.concat([decipher.update(wrapped), decipher.final()])
  return { vector: both.subarray(0, vectorLength), key: both.subarray(vectorLength) }
}

/** What authenticates the wrapped keys; version 3 adds its number to it. */
export function macOfKeys(wrapped: Uint8Array, outer: Buffer, version: number): Buffer {
  const mac = createHmac('sha256', outer).update(wrapped)
  return (version >= 3 ? mac.update(Buffer.of(version)) : mac).digest()
}

// Writes an AES Crypt stream of version 2, or one with something wrong on demand.
import { createCipheriv, createHash, createHmac } from 'node:crypto'

export type AesSecrets = { iv: Buffer; sessionIv: Buffer; sessionKey: Buffer }

export type AesQuirks = {
  version?: number
  reserved?: number
  /** All extension bytes with the end marker. */
  extensions?: Buffer
  paddingValue?: number
  fullPaddingBlock?: boolean
  modulo?: number
  trailingBytes?: number
  flipBodyByte?: boolean
  secrets?: AesSecrets
}

export function writeStream(
  plaintext: Buffer,
  key: { passphrase: string; secrets: AesSecrets },
  quirks: AesQuirks = {},
): Buffer {
  const { iv, sessionIv, sessionKey } = quirks.secrets ?? key.secrets
  const stretched = stretch(key.passphrase, iv)
  const hidden = encrypt(Buffer.concat([sessionIv, sessionKey]), stretched, iv)
  const remainder = plaintext.length % 16
  const padding =
    remainder === 0
      ? Buffer.alloc(quirks.fullPaddingBlock === true ? 16 : 0, 16)
      : Buffer.alloc(16 - remainder, quirks.paddingValue ?? 16 - remainder)
  const body = encrypt(Buffer.concat([plaintext, padding]), sessionKey, sessionIv)
  const lastMac = mac(body, sessionKey)
  if (quirks.flipBodyByte === true) body.writeUInt8(body.readUInt8(20) ^ 1, 20)
  return Buffer.concat([
    Buffer.from('AES'),
    Buffer.from([quirks.version ?? 2, quirks.reserved ?? 0]),
    quirks.extensions ?? Buffer.from([0, 0]),
    iv,
    hidden,
    mac(hidden, stretched),
    body,
    Buffer.from([quirks.modulo ?? remainder]),
    lastMac,
    Buffer.alloc(quirks.trailingBytes ?? 0),
  ])
}

/** Secrets that differ from file to file and never from run to run. */
export function secretsFor(name: string): AesSecrets {
  const bytes = createHash('sha512').update(name).digest()
  return { iv: bytes.subarray(0, 16), sessionIv: bytes.subarray(16, 32), sessionKey: bytes.subarray(32) }
}

function stretch(passphrase: string, iv: Buffer): Buffer {
  let digest: Buffer = Buffer.concat([iv, Buffer.alloc(16)])
  for (let round = 0; round < 8192; round += 1) {
    digest = createHash('sha256').update(digest).update(passphrase, 'utf16le').digest()
  }
  return digest
}

function encrypt(plaintext: Buffer, key: Buffer, iv: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(plaintext), cipher.final()])
}

function mac(bytes: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest()
}

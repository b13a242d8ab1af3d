// Reads an AES Crypt stream of version 2 the strict way: every length, both authentication codes, the padding bytes,
// and nothing behind the end. A wrong passphrase shows at the first authentication code.
import { createDecipheriv, createHmac, hash } from 'node:crypto'
import { Unreadable, type Place } from './findings.ts'

const IV_BYTES = 16
const SECRETS_BYTES = 48
const MAC_BYTES = 32
const BLOCK_BYTES = 16
const KEY_ROUNDS = 8192

export type DecryptedStream = {
  plaintext: Buffer
  /** Hex of the values that are random, and so never the same in two streams. */
  iv: string
  sessionKey: string
}

/** Decrypts a whole stream; throws Unreadable where its bytes cannot be trusted. */
export function decryptStream(stream: Buffer, passphrase: string, place: Place): DecryptedStream {
  const at = skipHeader(stream, place)
  const bodyAt = at + IV_BYTES + SECRETS_BYTES + MAC_BYTES
  const bodyEnd = stream.length - 1 - MAC_BYTES
  if (bodyEnd < bodyAt) {
    throw new Unreadable(
      `the AES stream ends at byte ${stream.length}, before byte ${bodyAt + 1 + MAC_BYTES} at least`,
    )
  }
  const iv = stream.subarray(at, at + IV_BYTES)
  const secrets = stream.subarray(at + IV_BYTES, at + IV_BYTES + SECRETS_BYTES)
  const key = stretch(passphrase, iv)
  expectMac(stream.subarray(bodyAt - MAC_BYTES, bodyAt), mac(key, secrets), {
    code: `the first HMAC (byte ${bodyAt - MAC_BYTES})`,
    blame: 'the session key, or the passphrase is wrong',
  })
  const [sessionIv, sessionKey] = split(decryptBlocks(secrets, key, iv), IV_BYTES)
  const body = stream.subarray(bodyAt, bodyEnd)
  if (body.length % BLOCK_BYTES !== 0) {
    throw new Unreadable(
      `the ciphertext from byte ${bodyAt} on has ${body.length} bytes, which is no multiple of ${BLOCK_BYTES}`,
    )
  }
  expectMac(stream.subarray(bodyEnd + 1), mac(sessionKey, body), {
    code: `the last HMAC (byte ${bodyEnd + 1})`,
    blame: `the ${body.length} bytes of ciphertext`,
  })
  const padded = decryptBlocks(body, sessionKey, sessionIv)
  const modulo = stream.readUInt8(bodyEnd)
  const plaintext = withoutPadding(padded, modulo, place)
  return { plaintext, iv: iv.toString('hex'), sessionKey: sessionKey.toString('hex') }
}

/** Checks the header and its extensions; returns where IV1 begins. */
function skipHeader(stream: Buffer, place: Place): number {
  if (stream.toString('latin1', 0, 3) !== 'AES' || stream.length < 5) {
    throw new Unreadable('byte 0: expected the letters AES of an AES Crypt stream')
  }
  const version = stream.readUInt8(3)
  if (version !== 2) throw new Unreadable(`byte 3: AES stream version expected 2, found ${version}`)
  if (stream[4] !== 0) place.broken(`byte 4: reserved byte expected 0, found ${stream[4]}`)
  let at = 5
  while (at + 2 <= stream.length) {
    const length = stream.readUInt16BE(at)
    if (length === 0) return at + 2
    const extension = stream.subarray(at + 2, at + 2 + length)
    const identifierEnd = extension.indexOf(0)
    if (identifierEnd === -1) place.unlike(`byte ${at}: extension without a zero byte after its identifier`)
    else if (!/^[\w -]*$/.test(extension.toString('latin1', 0, identifierEnd))) {
      place.unlike(`byte ${at}: extension identifier expected a plain word, found other bytes`)
    }
    at += 2 + length
  }
  throw new Unreadable(`byte ${at}: the extensions of the AES stream have no end`)
}

function stretch(passphrase: string, iv: Buffer): Buffer {
  const phrase = Buffer.from(passphrase, 'utf16le')
  let digest = Buffer.concat([iv, Buffer.alloc(BLOCK_BYTES)])
  for (let round = 0; round < KEY_ROUNDS; round += 1) {
    digest = hash('sha256', Buffer.concat([digest, phrase]), 'buffer')
  }
  return digest
}

function decryptBlocks(ciphertext: Buffer, key: Buffer, iv: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([decipher.update(ciphertext), decipher.final()])
}

function mac(key: Buffer, bytes: Buffer): Buffer {
  return createHmac('sha256', key).update(bytes).digest()
}

function expectMac(found: Buffer, expected: Buffer, words: { code: string; blame: string }): void {
  if (!expected.equals(found)) throw new Unreadable(`${words.code} does not fit ${words.blame}`)
}

/**
 * The plaintext length is known modulo 16 only: a remainder means padding of one known value, none means no
 * padding.
 */
function withoutPadding(padded: Buffer, modulo: number, place: Place): Buffer {
  if (modulo >= BLOCK_BYTES || (modulo > 0 && padded.length === 0)) {
    throw new Unreadable(`modulo byte ${modulo} does not fit ${padded.length} bytes of ciphertext`)
  }
  const paddingBytes = (BLOCK_BYTES - modulo) % BLOCK_BYTES
  const [plaintext, padding] = split(padded, padded.length - paddingBytes)
  const wrong = padding.find((byte) => byte !== paddingBytes)
  if (wrong !== undefined) {
    place.unlike(`padding bytes expected ${paddingBytes} times the value ${paddingBytes}, found ${wrong}`)
  }
  const isFullBlock = padded.length > 0 && padded.subarray(-BLOCK_BYTES).every((byte) => byte === BLOCK_BYTES)
  if (modulo === 0 && isFullBlock)
    place.unlike('a full block of padding follows the plaintext; expected none')
  return plaintext
}

function split(bytes: Buffer, at: number): [Buffer, Buffer] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

// Writes an AES Crypt stream of version 2, as every release of Duplicati reads it. What fills up the last 16 bytes has
// the value that stock insists on, and there is no block of nothing but filling: current releases refuse anything
// else.
import { createCipheriv, createHmac, type Cipheriv, type Hmac } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import type { Randomness } from '../../base/randomness.ts'
import { keyLength, macOfKeys, outerKey, vectorLength, wrapKeys } from './stream-keys.ts'

const cipherBlock = 16
const version = 2
/** An extension: length of name, zero byte and value in two bytes, then these. Two zero bytes end the list. */
const extensions = Buffer.concat([extension('CREATED_BY', 'Pullback'), Buffer.alloc(2)])

export class AesCryptEncryptor {
  readonly #cipher: Cipheriv
  readonly #mac: Hmac
  #header: Buffer | undefined
  #plainBytes = 0

  /** Keys and vectors are drawn from `randomness`. Takes about 9 ms. */
  constructor({ passphrase, randomness }: { readonly passphrase: string; readonly randomness: Randomness }) {
    const outerVector = randomness.bytes(vectorLength)
    const session = { vector: randomness.bytes(vectorLength), key: randomness.bytes(keyLength) }
    const key = outerKey(passphrase, outerVector)
    const wrapped = wrapKeys(session, { key, vector: outerVector })
    const start = Buffer.concat([Buffer.from('AES'), Buffer.of(version, 0), extensions])
    this.#header = Buffer.concat([start, outerVector, wrapped, macOfKeys(wrapped, key, version)])
    this.#cipher = createCipheriv('aes-256-cbc', session.key, session.vector).setAutoPadding(false)
    this.#mac = createHmac('sha256', session.key)
  }

  /** The next bytes of the stream; the first call brings the header along. */
  update(plain: Uint8Array): Buffer {
    this.#plainBytes += plain.byteLength
    return this.#out(this.#cipher.update(plain))
  }

  /** The last bytes of the stream. */
  final(): Buffer {
    const lastBytes = this.#plainBytes % cipherBlock
    const fill = lastBytes === 0 ? 0 : cipherBlock - lastBytes
    const last = this.#cipher.update(Buffer.alloc(fill, fill))
    assert(this.#cipher.final().length === 0, 'what fills up the last block completes it')
    const end = this.#out(last)
    return Buffer.concat([end, Buffer.of(lastBytes), this.#mac.digest()])
  }

  #out(encrypted: Buffer): Buffer {
    this.#mac.update(encrypted)
    const header = this.#header
    this.#header = undefined
    return header ? Buffer.concat([header, encrypted]) : encrypted
  }
}

function extension(name: string, value: string): Buffer {
  const body = Buffer.from(`${name}\0${value}`)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length)
  return Buffer.concat([length, body])
}

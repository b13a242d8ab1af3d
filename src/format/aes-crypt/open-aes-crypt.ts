// An AES Crypt stream as the bytes inside it, readable at any place. The whole stream is authenticated when it is
// opened, before a single byte of it is given out; after that each read decrypts just what it needs, because in this
// mode every 16 bytes depend only on the 16 encrypted bytes before them. Nothing decrypted has to be stored.
import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import { PullbackError } from '../../base/errors.ts'
import type { ByteSource } from '../byte-source.ts'
import { readHeader, wrongPassphrase, type StreamHeader } from './read-header.ts'
import { macLength } from './stream-keys.ts'

const cipherBlock = 16
/** Read at a time while the stream is authenticated. */
const authenticateBytes = 1 << 18
/** Decrypted at a time: archives are read front to back in small bites, and setting up a cipher costs 3 µs. */
const windowBytes = 1 << 18
/** After a jump, which may be one of many: whoever reads a small block here and one there wants little more. */
const jumpBytes = 1 << 14

/** `PassphraseWrong`, `VolumeDamaged` or `FormatUnsupported`. */
export function openAesCrypt(stream: ByteSource, passphrase: string): ByteSource {
  const header = readHeader(stream, passphrase)
  const content = authenticatedContent(stream, header)
  return new DecryptedBytes(stream, { ...header, ...content })
}

/** Fails as `openAesCrypt` does if the passphrase is not the one of this beginning of a stream. */
export function checkPassphraseOf(beginning: ByteSource, passphrase: string): void {
  readHeader(beginning, passphrase)
}

interface Content {
  /** Of the content, without what fills the last 16 bytes. */
  readonly sizeBytes: number
  readonly cipherBytes: number
}

function authenticatedContent(stream: ByteSource, header: StreamHeader): Content {
  const { version, contentOffset, session } = header
  // Versions 1 and 2 say the length of the last 16 bytes in a byte of its own, before the checksum.
  const lengthByte = version === 1 || version === 2 ? 1 : 0
  const cipherBytes = stream.sizeBytes - contentOffset - lengthByte - macLength
  if (cipherBytes < 0 || cipherBytes % cipherBlock !== 0)
    throw damaged('its length is impossible: it is cut short')
  const mac = createHmac('sha256', session.key)
  const memory = Buffer.allocUnsafe(Math.min(authenticateBytes, cipherBytes))
  for (let at = 0; at < cipherBytes; at += authenticateBytes) {
    const piece = memory.subarray(0, Math.min(authenticateBytes, cipherBytes - at))
    stream.readInto(piece, contentOffset + at)
    mac.update(piece)
  }
  if (!timingSafeEqual(mac.digest(), stream.read(stream.sizeBytes - macLength, macLength))) {
    // Version 0 has no checksum of its header: a wrong passphrase shows only here.
    throw version === 0 ? wrongPassphrase() : damaged('its checksum is wrong: it was changed or cut short')
  }
  const sizeBytes = cipherBytes - fillBytes(stream, header, cipherBytes)
  return { sizeBytes, cipherBytes }
}

/** How many bytes at the end only fill up the last block. */
function fillBytes(stream: ByteSource, header: StreamHeader, cipherBytes: number): number {
  if (header.version >= 3) return fillBytesV3(stream, header, cipherBytes)
  const lastBytes = header.lastBytes ?? stream.read(stream.sizeBytes - macLength - 1, 1).readUInt8()
  if (lastBytes >= cipherBlock || (lastBytes > 0 && cipherBytes === 0))
    throw damaged('its length is impossible')
  return lastBytes === 0 ? 0 : cipherBlock - lastBytes
}

/** Version 3 fills up as PKCS #7 does, always. */
function fillBytesV3(stream: ByteSource, header: StreamHeader, cipherBytes: number): number {
  if (cipherBytes === 0) throw damaged('its last block is missing')
  const all = new DecryptedBytes(stream, { ...header, sizeBytes: cipherBytes, cipherBytes })
  const last = all.read(cipherBytes - cipherBlock, cipherBlock)
  const count = last.at(-1) ?? 0
  const filled =
    count >= 1 && count <= cipherBlock && last.subarray(cipherBlock - count).every((byte) => byte === count)
  if (!filled) throw damaged('its last block is not filled up as it must be')
  return count
}

class DecryptedBytes implements ByteSource {
  readonly sizeBytes: number
  readonly #stream: ByteSource
  readonly #facts: StreamHeader & Content
  #window: Buffer = Buffer.alloc(0)
  #windowOffset = 0
  /** What a window is decrypted from. */
  readonly #encrypted = Buffer.allocUnsafe(windowBytes + 2 * cipherBlock)

  constructor(stream: ByteSource, facts: StreamHeader & Content) {
    this.#stream = stream
    this.#facts = facts
    this.sizeBytes = facts.sizeBytes
  }

  read(offset: number, length: number): Buffer {
    assert(offset >= 0 && length >= 0 && offset + length <= this.sizeBytes, 'a read stays within the content')
    if (length >= windowBytes) return this.#decrypt(offset, length)
    const end = this.#windowOffset + this.#window.length
    if (offset < this.#windowOffset || offset + length > end) {
      const goesOn = offset >= this.#windowOffset && offset <= end + windowBytes
      const bytes = goesOn ? windowBytes : Math.max(length, jumpBytes)
      this.#window = this.#decrypt(offset, Math.min(bytes, this.sizeBytes - offset))
      this.#windowOffset = offset
    }
    return this.#window.subarray(offset - this.#windowOffset, offset - this.#windowOffset + length)
  }

  readInto(memory: Buffer, offset: number): void {
    this.read(offset, memory.length).copy(memory)
  }

  #decrypt(offset: number, length: number): Buffer {
    const { contentOffset, cipherBytes, session } = this.#facts
    const start = offset - (offset % cipherBlock)
    const end = Math.min(cipherBytes, Math.ceil((offset + length) / cipherBlock) * cipherBlock)
    const vector =
      start === 0 ? session.vector : this.#stream.read(contentOffset + start - cipherBlock, cipherBlock)
    const decipher = createDecipheriv('aes-256-cbc', session.key, vector).setAutoPadding(false)
    const fits = end - start <= this.#encrypted.length
    const encrypted = fits ? this.#encrypted.subarray(0, end - start) : Buffer.allocUnsafe(end - start)
    this.#stream.readInto(encrypted, contentOffset + start)
    const plain = decipher.update(encrypted)
    return plain.subarray(offset - start, offset - start + length)
  }
}

function damaged(what: string): PullbackError {
  return new PullbackError('VolumeDamaged', { what })
}

import { createCipheriv, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPullbackError } from '../../base/errors.ts'
import { systemRandomness, type Randomness } from '../../base/randomness.ts'
import { bytesAsSource } from '../byte-source.ts'
import { AesCryptEncryptor } from './encrypt.ts'
import { openAesCrypt } from './open-aes-crypt.ts'
import { macOfKeys, outerKey, outerKeyV3, wrapKeys } from './stream-keys.ts'

const passphrase = 'pässword'
/** Bytes 0, 1, 2… over all calls: the vectors and keys of the published example. */
function countingRandomness(): Randomness {
  let next = 0
  return { bytes: (count) => Buffer.from(Array.from({ length: count }, () => next++)) }
}

function encrypt(plain: Uint8Array, randomness: Randomness = systemRandomness): Buffer {
  const encryptor = new AesCryptEncryptor({ passphrase, randomness })
  return Buffer.concat([encryptor.update(plain), encryptor.final()])
}

function decrypt(stream: Uint8Array, key = passphrase): Buffer {
  const plain = openAesCrypt(bytesAsSource(Buffer.from(stream)), key)
  return Buffer.from(plain.read(0, plain.sizeBytes))
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (isPullbackError(error)) return error.code
    throw error
  }
  return 'fine'
}

describe('AES Crypt streams', () => {
  it('are byte for byte those of the published example, apart from the extension', () => {
    const stream = encrypt(Buffer.from('hello world\n'), countingRandomness())
    const header = Buffer.from('4145530200', 'hex')
    const extension = Buffer.from('\0\x13CREATED_BY\0Pullback\0\0', 'latin1')
    const rest =
      '000102030405060708090a0b0c0d0e0f' +
      '2596c6deadbdc3f32afb567cc148b63c435d827096d72dd3a567ac7ab82af3cdddc3bf5fa9834ebc2325ad3963be1f41' +
      'a122217c8c2a752439a08b00db64d0042381774315e490ece9a5a28b3700e777' +
      '203b9251861e528253d25a21a69c675a0c' +
      '4b0444caadbc07a64905f130ad7ae6914fae61ec6c27562283d050a8a3fd1f81'
    expect(stream.toString('hex')).toBe(Buffer.concat([header, extension]).toString('hex') + rest)
  })

  it('come back at every length', () => {
    for (let length = 0; length <= 40; length += 1) {
      const plain = Buffer.alloc(length, length)
      expect(decrypt(encrypt(plain))).toEqual(plain)
    }
  })

  it('are the same whatever pieces the content comes in', () => {
    const whole = encrypt(Buffer.alloc(200, 'content'), countingRandomness())
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (sizes) => {
        const plain = Buffer.alloc(200, 'content')
        const encryptor = new AesCryptEncryptor({ passphrase, randomness: countingRandomness() })
        const out: Buffer[] = []
        let at = 0
        for (const size of [...sizes, plain.length]) {
          out.push(encryptor.update(plain.subarray(at, at + size)))
          at += size
        }
        expect(Buffer.concat([...out, encryptor.final()]).equals(whole)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('can be read at any place', () => {
    const content = systemRandomness.bytes(700_001)
    const plain = openAesCrypt(bytesAsSource(encrypt(content)), passphrase)
    fc.assert(
      fc.property(fc.nat(content.length), fc.nat(content.length), (a, b) => {
        const [start, end] = a < b ? [a, b] : [b, a]
        expect(plain.read(start, end - start).equals(content.subarray(start, end))).toBe(true)
      }),
    )
  })

  it('tell a wrong passphrase', () => {
    expect(codeOf(() => decrypt(encrypt(Buffer.from('text')), 'password'))).toBe('PassphraseWrong')
  })

  it('are refused in words when they are any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const stream = Buffer.concat([Buffer.from('AES'), bytes])
        expect(['VolumeDamaged', 'PassphraseWrong', 'FormatUnsupported']).toContain(
          codeOf(() => decrypt(stream)),
        )
      }),
    )
  })

  it.each([0, 1, 3])('of version %i, as other programs write them, are read', (version) => {
    for (const length of [0, 1, 15, 16, 17, 100]) {
      const plain = Buffer.alloc(length, 7)
      expect(decrypt(olderOrNewerStream(version, plain))).toEqual(plain)
    }
  })

  it('of an unknown version are called unsupported', () => {
    const stream = encrypt(Buffer.from('x'))
    stream[3] = 4
    expect(codeOf(() => decrypt(stream))).toBe('FormatUnsupported')
  })

  it('of version 3 that ask for hours of key stretching are refused', () => {
    const header = Buffer.concat([Buffer.from('AES\x03\0\0\0\xff\xff\xff\xff', 'latin1'), Buffer.alloc(200)])
    expect(codeOf(() => decrypt(header))).toBe('VolumeDamaged')
  })
})

/** Streams that Pullback does not write, put together from the format's description. */
function olderOrNewerStream(version: number, plain: Buffer): Buffer {
  const vector = Buffer.alloc(16, 1)
  const session = { vector: Buffer.alloc(16, 2), key: Buffer.alloc(32, 3) }
  const key = version === 3 ? outerKeyV3(passphrase, vector, 10) : outerKey(passphrase, vector)
  const used = version === 0 ? { vector, key } : session
  const wrapped = wrapKeys(session, { key, vector })
  const lastBytes = plain.length % 16
  const fill = version === 3 ? 16 - lastBytes : lastBytes === 0 ? 0 : 16 - lastBytes
  const cipher = createCipheriv('aes-256-cbc', used.key, used.vector).setAutoPadding(false)
  const content = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(fill, version === 3 ? fill : 0xee)),
  ])
  const mac = createHmac('sha256', used.key).update(content).digest()
  const start = Buffer.concat([Buffer.from('AES'), Buffer.of(version, version === 0 ? lastBytes : 0)])
  if (version === 0) return Buffer.concat([start, vector, content, mac])
  const iterations = Buffer.from([0, 0, 0, 10])
  const head = version === 3 ? Buffer.concat([start, Buffer.alloc(2), iterations]) : start
  const keys = Buffer.concat([vector, wrapped, macOfKeys(wrapped, key, version)])
  const end = version === 3 ? [content, mac] : [content, Buffer.of(lastBytes), mac]
  return Buffer.concat([head, keys, ...end])
}

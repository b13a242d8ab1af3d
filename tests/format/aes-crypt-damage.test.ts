// What AES Crypt notices of damage, byte by byte. Each attempt costs a key derivation of some 10 ms.
import { expect, it } from 'vitest'
import { isPullbackError, type PullbackError } from '../../src/base/errors.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import { AesCryptEncryptor } from '../../src/format/aes-crypt/encrypt.ts'
import { openAesCrypt } from '../../src/format/aes-crypt/open-aes-crypt.ts'
import { bytesAsSource } from '../../src/format/byte-source.ts'

const passphrase = 'correct horse'
const content = Buffer.from('some content that is longer than a block')
const encryptor = new AesCryptEncryptor({ passphrase, randomness: systemRandomness })
const stream = Buffer.concat([encryptor.update(content), encryptor.final()])

/** The code of the error, or undefined if the stream opens. */
function codeOf(bytes: Buffer): PullbackError['code'] | undefined {
  try {
    openAesCrypt(bytesAsSource(bytes), passphrase)
  } catch (error) {
    if (isPullbackError(error)) return error.code
    throw error
  }
  return undefined
}

it.each([0x01, 0x80])(
  'every byte that is changed by %i shows, but those that the format does not authenticate',
  (change) => {
    const silent: number[] = []
    for (let at = 0; at < stream.length; at += 1) {
      const changed = Buffer.from(stream)
      changed[at] = (changed[at] ?? 0) ^ change
      if (codeOf(changed) === undefined) silent.push(at)
    }
    const reserved = 4
    const extensionText = Array.from({ length: 19 }, (_, at) => 7 + at)
    // The length of the last block; 128 and more is none.
    const modulo = change < 16 ? [stream.length - 33] : []
    expect(silent).toEqual([reserved, ...extensionText, ...modulo])
  },
)

it('every truncation is told as damage, not as a wrong passphrase', () => {
  for (let length = 0; length < stream.length; length += 1) {
    expect(codeOf(stream.subarray(0, length))).toBe('VolumeDamaged')
  }
})

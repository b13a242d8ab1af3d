// Mistakes in the AES stream.
import { PASSPHRASE, type Mistake } from './mistake.ts'
import { secretsFor, type AesQuirks } from '../aes.ts'
import { NAMES } from '../backup.ts'

export const IN_AES: readonly Mistake[] = [
  aes('stream version 3', { version: 3 }, 'AES stream version expected 2, found 3'),
  aes('a reserved byte that is not zero', { reserved: 1 }, 'byte 4: reserved byte expected 0, found 1'),
  aes(
    'an extension without identifier',
    { extensions: Buffer.from([0, 2, 65, 66, 0, 0]) },
    'byte 5: extension without',
  ),
  aes(
    'extensions without end',
    { extensions: Buffer.from([255, 255, 0]) },
    'the extensions of the AES stream have no end',
  ),
  aes('other padding bytes', { paddingValue: 0 }, 'padding bytes expected'),
  aes('a modulo byte beyond 15', { modulo: 16 }, 'modulo byte 16 does not fit'),
  aes('a trailing byte', { trailingBytes: 1 }, 'bytes, which is no multiple of 16'),
  aes('16 trailing bytes', { trailingBytes: 16 }, 'the last HMAC'),
  aes(
    'an extension name that is no word',
    { extensions: Buffer.from([0, 2, 1, 0, 0, 0]) },
    'extension identifier',
  ),
  cut('a stream that ends in its header', 50, 'the AES stream ends at byte 50, before byte'),
  cut('a stream of two bytes', 2, 'expected the letters AES'),
  {
    mistake: 'encrypted volumes without a passphrase',
    mutation: { files: encryptInNameOnly },
    reports: ['is encrypted, and no passphrase was given', 'is not encrypted, but'],
  },
  aes('a flipped byte', { flipBodyByte: true }, 'the last HMAC'),
  {
    mistake: 'IV and session key of another volume',
    mutation: { passphrase: PASSPHRASE, dlistAes: { secrets: secretsFor(`${NAMES.dblocks[1]}.zip.aes`) } },
    reports: ['IV1 expected random, found that of', 'session key expected random, found that of'],
  },
  {
    mistake: 'another passphrase',
    mutation: { passphrase: PASSPHRASE },
    options: { passphrase: 'wrong' },
    reports: [
      'the first HMAC (byte 71) does not fit the session key, or the passphrase is wrong',
      'holds no version',
    ],
  },
]

function aes(mistake: string, dlistAes: AesQuirks, report: string): Mistake {
  return { mistake, mutation: { passphrase: PASSPHRASE, dlistAes }, reports: [report] }
}

function cut(mistake: string, bytes: number, report: string): Mistake {
  const files = (all: Map<string, Buffer>) => {
    const name = `${NAMES.dlists[0]}.zip.aes`
    all.set(name, all.get(name)?.subarray(0, bytes) ?? Buffer.alloc(0))
  }
  return { mistake, mutation: { passphrase: PASSPHRASE, files }, reports: [report] }
}

function encryptInNameOnly(all: Map<string, Buffer>): void {
  const name = `${NAMES.dlists[0]}.zip`
  all.set(`${name}.aes`, all.get(name) ?? Buffer.alloc(0))
  all.delete(name)
}

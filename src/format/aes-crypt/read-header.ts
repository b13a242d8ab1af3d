// The beginning of an AES Crypt stream, versions 0 to 3: checks the passphrase against it and gives the keys of what
// follows. The checksum of the header is where a wrong passphrase shows; damage of the header looks the same.
import { timingSafeEqual } from 'node:crypto'
import { PullbackError } from '../../base/errors.ts'
import type { ByteSource } from '../byte-source.ts'
import {
  macLength,
  macOfKeys,
  outerKey,
  outerKeyV3,
  unwrapKeys,
  vectorLength,
  wrappedLength,
  type SessionKeys,
} from './stream-keys.ts'

export interface StreamHeader {
  readonly version: number
  /** Where the encrypted content begins. */
  readonly contentOffset: number
  readonly session: SessionKeys
  /** Of version 0 only: length of the content modulo 16. */
  readonly lastBytes: number | undefined
}

const magic = Buffer.from('AES')
/** Stock writes some 250 bytes of extensions. */
const extensionsMaxBytes = 1 << 16
/** Version 3 lets the writer choose; a hostile header must not keep us busy for hours. 300,000 take 0.1 s. */
const maxIterations = 10_000_000

/** `PassphraseWrong`, `VolumeDamaged`, or `FormatUnsupported` for a version that is not known. */
export function readHeader(source: ByteSource, passphrase: string): StreamHeader {
  const reader = new HeaderReader(source)
  if (!reader.take(magic.length).equals(magic)) throw damaged('it is not an AES Crypt stream')
  const version = reader.byte()
  const fifth = reader.byte()
  if (version > 3) {
    throw new PullbackError('FormatUnsupported', {
      what: `it is AES Crypt version ${version}; 0 to 3 are read`,
    })
  }
  if (version >= 2) reader.skipExtensions()
  const iterations = version >= 3 ? reader.take(4).readUInt32BE() : 0
  if (iterations > maxIterations) throw damaged(`its key asks for ${iterations} iterations`)
  if (version >= 3 && iterations === 0) throw damaged('its key asks for no iterations')
  const vector = reader.take(vectorLength)
  if (version === 0) {
    const session = { vector, key: outerKey(passphrase, vector) }
    return { version, contentOffset: reader.offset, session, lastBytes: fifth & 0x0f }
  }
  const wrapped = reader.take(wrappedLength)
  const mac = reader.take(macLength)
  const key = version >= 3 ? outerKeyV3(passphrase, vector, iterations) : outerKey(passphrase, vector)
  if (!timingSafeEqual(mac, macOfKeys(wrapped, key, version))) throw wrongPassphrase()
  const session = unwrapKeys(wrapped, { key, vector })
  return { version, contentOffset: reader.offset, session, lastBytes: undefined }
}

export function wrongPassphrase(): PullbackError {
  return new PullbackError('PassphraseWrong', { what: 'the passphrase does not open it' })
}

class HeaderReader {
  readonly #source: ByteSource
  offset = 0

  constructor(source: ByteSource) {
    this.#source = source
  }

  take(length: number): Buffer {
    if (this.offset + length > this.#source.sizeBytes) throw damaged('it ends within its header')
    const bytes = this.#source.read(this.offset, length)
    this.offset += length
    return bytes
  }

  byte(): number {
    return this.take(1).readUInt8()
  }

  skipExtensions(): void {
    const start = this.offset
    for (let length = this.take(2).readUInt16BE(); length > 0; length = this.take(2).readUInt16BE()) {
      this.take(length)
      if (this.offset - start > extensionsMaxBytes) throw damaged('its header has no end')
    }
  }
}

function damaged(what: string): PullbackError {
  return new PullbackError('VolumeDamaged', { what })
}

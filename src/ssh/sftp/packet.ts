// The bytes of an SFTP version 3 packet (draft-ietf-secsh-filexfer-02): requests are written, replies are read field
// by field, and a stream is cut into packets. Every length that the server sends is checked before it is believed:
// any bytes whatever either parse or end in `SftpViolation`.
import { PullbackError } from '../../base/errors.ts'

/** A number is 32 bits, a bigint 64, bytes are a string with its length, or as they are if they are `raw`. */
export type Field = number | bigint | Buffer | { readonly raw: Buffer }

const headBytes = 9 // length, type, id

/**
 * The largest packet that a server may send: OpenSSH's own limit, plus what is around the data of a read of 256 KiB.
 */
export const maxPacketBytes = (256 << 10) + 1024

/** A request without its id, which is set when it is sent. */
export function encodeRequest(type: number, fields: readonly Field[]): Buffer {
  let size = headBytes
  for (const field of fields) size += sizeOf(field)
  const packet = Buffer.allocUnsafe(size)
  packet.writeUInt32BE(size - 4, 0)
  packet[4] = type
  let at = headBytes
  for (const field of fields) at = writeField(packet, at, field)
  return packet
}

export function setRequestId(packet: Buffer, id: number): void {
  packet.writeUInt32BE(id, 5)
}

function sizeOf(field: Field): number {
  if (typeof field === 'number') return 4
  if (typeof field === 'bigint') return 8
  return 'raw' in field ? field.raw.length : 4 + field.length
}

function writeField(packet: Buffer, at: number, field: Field): number {
  if (typeof field === 'number') return packet.writeUInt32BE(field, at)
  if (typeof field === 'bigint') return packet.writeBigUInt64BE(field, at)
  if ('raw' in field) return at + field.raw.copy(packet, at)
  const start = packet.writeUInt32BE(field.length, at)
  field.copy(packet, start)
  return start + field.length
}

/** Reads a packet from front to back. */
export class PacketReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes[this.#take(1)] ?? 0
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  /** As a number: over 2^53 it is rounded. No real file is that long. */
  uint64(): number {
    const high = this.uint32()
    return high * 2 ** 32 + this.uint32()
  }

  /** A view into the packet, not a copy. */
  string(): Buffer {
    const length = this.uint32()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #take(count: number): number {
    if (count > this.left) throw violation('a packet is shorter than it says')
    const start = this.#at
    this.#at += count
    return start
  }
}

/** Cuts what arrives into packets, each without its length. */
export class PacketSplitter {
  readonly #onPacket: (packet: Buffer) => void
  readonly #head = Buffer.alloc(4)
  #headFilled = 0
  #packet: Buffer | undefined
  #filled = 0

  constructor(onPacket: (packet: Buffer) => void) {
    this.#onPacket = onPacket
  }

  /** Fails with `SftpViolation`; nothing may be pushed after that. Packets may be views into `bytes`. */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) at = this.#packet ? this.#fill(this.#packet, bytes, at) : this.#begin(bytes, at)
  }

  #begin(bytes: Buffer, at: number): number {
    const count = Math.min(4 - this.#headFilled, bytes.length - at)
    bytes.copy(this.#head, this.#headFilled, at, at + count)
    this.#headFilled += count
    if (this.#headFilled < 4) return at + count
    const length = this.#head.readUInt32BE(0)
    if (length === 0 || length > maxPacketBytes) throw violation(`a packet claims ${length} bytes`)
    this.#headFilled = 0
    const start = at + count
    if (start + length <= bytes.length) {
      this.#onPacket(bytes.subarray(start, start + length))
      return start + length
    }
    this.#packet = Buffer.allocUnsafeSlow(length)
    this.#filled = 0
    return start
  }

  #fill(packet: Buffer, bytes: Buffer, at: number): number {
    const count = Math.min(packet.length - this.#filled, bytes.length - at)
    bytes.copy(packet, this.#filled, at, at + count)
    this.#filled += count
    if (this.#filled === packet.length) {
      this.#packet = undefined
      this.#onPacket(packet)
    }
    return at + count
  }
}

export function violation(what: string): PullbackError {
  return new PullbackError('SftpViolation', { what: `the SFTP server broke the protocol: ${what}` })
}

// The wire of SFTP version 3 (draft-ietf-secsh-filexfer-02) as this test server speaks it: numbers, frames, and a
// reader and a writer of packets. Names are bytes. It shares nothing with src/ssh, because it is that client's judge.

export const verbs = {
  1: 'INIT',
  3: 'OPEN',
  4: 'CLOSE',
  5: 'READ',
  6: 'WRITE',
  7: 'LSTAT',
  8: 'FSTAT',
  9: 'SETSTAT',
  10: 'FSETSTAT',
  11: 'OPENDIR',
  12: 'READDIR',
  13: 'REMOVE',
  14: 'MKDIR',
  15: 'RMDIR',
  16: 'REALPATH',
  17: 'STAT',
  18: 'RENAME',
  19: 'READLINK',
  20: 'SYMLINK',
  200: 'EXTENDED',
} as const

export type Verb = (typeof verbs)[keyof typeof verbs] | 'UNKNOWN'

const answers = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
}

export const status = {
  ok: 0,
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const

const statusText = ['Success', 'End of file', 'No such file', 'Permission denied', 'Failure', 'Bad message']

/** What SFTP 3 tells about an entry; times are whole seconds, unsigned 32 bits on the wire. */
export interface Attributes {
  readonly size: number
  readonly uid: number
  readonly gid: number
  /** Type and permission bits, as in `st_mode`. */
  readonly mode: number
  readonly atime: number
  readonly mtime: number
}

/** A packet that cannot be read to its end: the connection is not worth keeping. */
export class BadPacket extends Error {
  override readonly name = 'BadPacket'
}

/** Cuts the byte stream of a channel into packets, each without its length field. */
export class FrameReader {
  #held: Buffer = Buffer.alloc(0)
  readonly #maxLength: number

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
  }

  /** The next whole packet, or undefined until more bytes come. */
  next(): Buffer | undefined {
    if (this.#held.length < 4) return undefined
    const length = this.#held.readUInt32BE(0)
    if (length === 0 || length > this.#maxLength) throw new BadPacket(`a packet of ${length} bytes`)
    if (this.#held.length < 4 + length) return undefined
    const packet = this.#held.subarray(4, 4 + length)
    this.#held = this.#held.subarray(4 + length)
    return packet
  }
}

export class PacketReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0)
  }

  uint64(): number {
    return Number(this.#take(8).readBigUInt64BE(0))
  }

  string(): Buffer {
    return this.#take(this.uint32())
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new BadPacket('a packet ends too early')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}

/** Packets to send, each with its length field in front. */
export const packets = {
  version: (extensions: ReadonlyMap<string, string>): Buffer =>
    frame(
      answers.version,
      uint32(3),
      ...[...extensions].flatMap(([name, value]) => [string(Buffer.from(name)), string(Buffer.from(value))]),
    ),
  status: (id: number, code: number, message = statusText[code] ?? 'Operation unsupported'): Buffer =>
    frame(answers.status, uint32(id), uint32(code), string(Buffer.from(message)), string(Buffer.alloc(0))),
  handle: (id: number, handle: Buffer): Buffer => frame(answers.handle, uint32(id), string(handle)),
  attrs: (id: number, attributes: Attributes): Buffer =>
    frame(answers.attrs, uint32(id), attributeBytes(attributes)),
  names: (id: number, names: readonly ListedName[]): Buffer =>
    frame(
      answers.name,
      uint32(id),
      uint32(names.length),
      ...names.flatMap((one) => [string(one.name), string(one.longname), attributeBytes(one.attributes)]),
    ),
  extended: (id: number, ...parts: Buffer[]): Buffer => frame(answers.extended, uint32(id), ...parts),
}

export interface ListedName {
  readonly name: Buffer
  readonly longname: Buffer
  readonly attributes: Attributes
}

/** Offset of the bytes in a packet made by `dataPacket`: length, type, id, length of the string. */
export const dataOffset = 13

/** A DATA packet over `buffer`, whose bytes from `dataOffset` on hold the data already: nothing is copied. */
export function dataPacket(id: number, buffer: Buffer, length: number): Buffer {
  buffer.writeUInt32BE(9 + length, 0)
  buffer[4] = answers.data
  buffer.writeUInt32BE(id, 5)
  buffer.writeUInt32BE(length, 9)
  return buffer.subarray(0, dataOffset + length)
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function string(value: Buffer): Buffer {
  return Buffer.concat([uint32(value.length), value])
}

const allAttributes = 0x0f

function attributeBytes(attributes: Attributes): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt32BE(allAttributes, 0)
  bytes.writeBigUInt64BE(BigInt(attributes.size), 4)
  const rest = [attributes.uid, attributes.gid, attributes.mode, attributes.atime, attributes.mtime]
  for (const [index, value] of rest.entries()) bytes.writeUInt32BE(value >>> 0, 12 + 4 * index)
  return bytes
}

function frame(type: number, ...parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 1)
  return Buffer.concat([uint32(length), Buffer.of(type), ...parts], 4 + length)
}

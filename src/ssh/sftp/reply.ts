// The replies of an SFTP server, by what was asked. Each function reads one reply of the kind that its request may
// get; a status that says no becomes `SftpRefusal`, anything that does not belong there `SftpViolation`.
import { readAttributes, type FileAttributes } from './attributes.ts'
import { PacketReader, violation } from './packet.ts'

export const packetType = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setStat: 9,
  fsetStat: 10,
  openFolder: 11,
  readFolder: 12,
  remove: 13,
  makeFolder: 14,
  realPath: 16,
  stat: 17,
  rename: 18,
  readLink: 19,
  makeLink: 20,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 200,
  extendedReply: 201,
} as const

const statusOk = 0
const statusEnd = 1

export const refusal = { missing: 2, forbidden: 3, failed: 4, unsupported: 8 } as const

/** The server said no to one request. Not an operating error yet: only the asker knows what it means. */
export class SftpRefusal extends Error {
  override readonly name = 'SftpRefusal'
  /** One of the status codes of SFTP version 3. */
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

export interface Reply {
  readonly type: number
  readonly body: PacketReader
}

export interface NamedAttributes {
  readonly name: Buffer
  readonly attributes: FileAttributes
}

export function readHandle(reply: Reply): Buffer {
  expect(reply, packetType.handle)
  // Copied: a view would keep the packet around it alive.
  return Buffer.from(reply.body.string())
}

/** Empty at the end of the file. */
export function readData(reply: Reply): Buffer {
  if (isEnd(reply)) return noBytes
  expect(reply, packetType.data)
  return reply.body.string()
}

/** Undefined at the end of the folder. */
export function readNames(reply: Reply): NamedAttributes[] | undefined {
  if (isEnd(reply)) return undefined
  expect(reply, packetType.name)
  const names: NamedAttributes[] = []
  for (let count = reply.body.uint32(); count > 0; count--) {
    const name = reply.body.string()
    reply.body.string() // the same for people, as of `ls -l`
    names.push({ name, attributes: readAttributes(reply.body) })
  }
  return names
}

export function readPath(reply: Reply): Buffer {
  const [first] = readNames(reply) ?? []
  if (!first) throw violation('it answered with no name at all')
  return first.name
}

export function readFileAttributes(reply: Reply): FileAttributes {
  expect(reply, packetType.attributes)
  return readAttributes(reply.body)
}

export function readExtended(reply: Reply): PacketReader {
  expect(reply, packetType.extendedReply)
  return reply.body
}

export function readOk(reply: Reply): void {
  if (reply.type !== packetType.status) throw unexpected(reply)
  const status = reply.body.uint32()
  if (status !== statusOk) throw new SftpRefusal(status, textOf(reply.body))
}

const noBytes = Buffer.alloc(0)

/** True for the status that ends a file or a folder; any other status is an error. */
function isEnd(reply: Reply): boolean {
  if (reply.type !== packetType.status) return false
  const status = reply.body.uint32()
  if (status === statusEnd) return true
  throw status === statusOk ? unexpected(reply) : new SftpRefusal(status, textOf(reply.body))
}

function expect(reply: Reply, type: number): void {
  if (reply.type === type) return
  if (reply.type !== packetType.status) throw unexpected(reply)
  const status = reply.body.uint32()
  throw status === statusOk ? unexpected(reply) : new SftpRefusal(status, textOf(reply.body))
}

function unexpected(reply: Reply): Error {
  return violation(`a reply of type ${reply.type} came where none belongs`)
}

/** The server's words, which are optional and may hold anything. */
function textOf(body: PacketReader): string {
  const text = body.left > 0 ? body.string().subarray(0, 200).toString() : ''
  return text.replace(/\p{Cc}+/gu, ' ').trim() || 'no reason given'
}

// One SFTP session of the test server: requests come in on a channel, are answered in order, and go wrong only where
// the fault plan says so. When the channel is full, reading stops until it drains, so memory stays bounded.
import { closeSync, constants, fstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import type { Fault, FaultPlan, RequestSeen } from './fault-plan.ts'
import { childPath, longname, type OwnerNames, type ServedFolder } from './served-folder.ts'
import {
  BadPacket,
  dataOffset,
  dataPacket,
  FrameReader,
  PacketReader,
  packets,
  status,
  string,
  uint32,
  uint64,
  verbs,
  type Attributes,
  type ListedName,
  type Verb,
} from './sftp-wire.ts'

/** The numbers of OpenSSH 9.2, told to the client by `limits@openssh.com`. */
const openSshLimits = { packetBytes: 256 * 1024, readBytes: 255 * 1024, handles: 1019 }

export interface SessionParts {
  readonly channel: Duplex
  readonly folder: ServedFolder
  readonly owners: OwnerNames
  /** Extensions announced, by name; those this server knows are answered only if announced. */
  readonly extensions: ReadonlyMap<string, string>
  readonly faults: FaultPlan
  /** Counts a request and tells how many of its verb came so far. */
  readonly count: (verb: Verb) => number
  /** Ends the connection below without a word, after what was written went out. */
  readonly hangUp: () => void
}

interface OpenFile {
  readonly path: Buffer
  readonly fd: number
}

interface OpenFolder {
  readonly path: Buffer
  readonly names: Buffer[]
  invented: number
}

const batchSize = 100
const errorStatus = new Map<string, number>([
  ['ENOENT', status.noSuchFile],
  ['ENOTDIR', status.noSuchFile],
  ['ELOOP', status.noSuchFile],
  ['EACCES', status.permissionDenied],
  ['EPERM', status.permissionDenied],
  ['ENAMETOOLONG', status.badMessage],
  ['EINVAL', status.badMessage],
])

export class SftpSession {
  readonly #parts: SessionParts
  readonly #folder: ServedFolder
  readonly #frames = new FrameReader(openSshLimits.packetBytes)
  readonly #handles = new Map<number, OpenFile | OpenFolder>()
  #nextHandle = 0
  #full = false
  #over = false

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#folder = parts.folder
    const { channel } = parts
    channel.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk)
      this.#work()
    })
    channel.on('drain', () => {
      this.#full = false
      channel.resume()
      this.#work()
    })
    channel.on('close', () => this.#end())
  }

  #work(): void {
    try {
      while (!this.#full && !this.#over) {
        const packet = this.#frames.next()
        if (!packet) return
        this.#serve(packet)
      }
    } catch (error) {
      if (!(error instanceof BadPacket)) throw error
      this.#parts.hangUp()
    }
  }

  #end(): void {
    this.#over = true
    for (const handle of this.#handles.values()) if ('fd' in handle) closeSync(handle.fd)
    this.#handles.clear()
  }

  #serve(packet: Buffer): void {
    const verb: Verb = verbs[packet[0] as keyof typeof verbs] ?? 'UNKNOWN'
    const body = new PacketReader(packet, 1)
    const id = body.uint32()
    const seen = { verb, nth: this.#parts.count(verb), path: this.#pathOf(verb, packet) }
    const fault = this.#parts.faults(seen)
    if (fault?.do === 'silence') return
    if (verb === 'INIT') return this.#send(packets.version(this.#parts.extensions), fault)
    if (fault?.do === 'status') return this.#send(packets.status(id, fault.code, fault.message))
    this.#send(this.#answer({ id, seen, body, fault }), fault)
  }

  #send(answer: Buffer, fault?: Fault): void {
    const { channel, hangUp } = this.#parts
    if (fault?.do === 'drop') {
      const part = answer.subarray(0, fault.afterBytes ?? 0)
      this.#over = true
      if (part.length > 0) channel.write(part, hangUp)
      else hangUp()
      return
    }
    if (fault?.do === 'wrong-id') answer.writeUInt32BE((answer.readUInt32BE(5) + 0x10000) >>> 0, 5)
    if (fault?.do === 'claim-length') answer.writeUInt32BE(fault.lengthBytes, 0)
    const bytes = fault?.do === 'raw' ? fault.bytes : answer
    if (channel.write(bytes)) return
    this.#full = true
    channel.pause()
  }

  /** The path a request is about, for the fault plan. */
  #pathOf(verb: Verb, packet: Buffer): Buffer | undefined {
    if (verb === 'INIT' || verb === 'EXTENDED' || verb === 'UNKNOWN') return undefined
    const body = new PacketReader(packet, 5)
    const first = body.string()
    const byHandle = ['CLOSE', 'READ', 'WRITE', 'FSTAT', 'FSETSTAT', 'READDIR'].includes(verb)
    return byHandle ? this.#handle(first)?.path : this.#folder.absolute(first)
  }

  #answer(request: Request): Buffer {
    try {
      return this.#perform(request)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
      if (code === undefined || error instanceof BadPacket) throw error
      return packets.status(request.id, errorStatus.get(code) ?? status.failure)
    }
  }

  #perform(request: Request): Buffer {
    const perform = this.#verbs[request.seen.verb]
    return perform ? perform(request) : packets.status(request.id, status.unsupported)
  }

  /** What this server can do; all else is answered as unsupported. */
  readonly #verbs: Partial<Record<Verb, (request: Request) => Buffer>> = {
    REALPATH: ({ id, body }) => {
      const name = this.#folder.realpath(this.#folder.absolute(body.string()))
      return packets.names(id, [{ name, longname: name, attributes: nothingKnown }])
    },
    READLINK: ({ id, body }) => {
      const path = this.#folder.local(this.#folder.absolute(body.string()), false)
      const name = readlinkSync(path, { encoding: 'buffer' })
      return packets.names(id, [{ name, longname: name, attributes: nothingKnown }])
    },
    LSTAT: ({ id, body }) => packets.attrs(id, this.#folder.lstat(this.#folder.absolute(body.string()))),
    STAT: ({ id, body }) => packets.attrs(id, this.#folder.stat(this.#folder.absolute(body.string()))),
    FSTAT: ({ id, body }) => {
      const handle = this.#handle(body.string())
      if (!handle || !('fd' in handle)) return packets.status(id, status.failure)
      return packets.attrs(id, this.#folder.shown(handle.path, fstatSync(handle.fd)))
    },
    OPENDIR: ({ id, body }) => this.#openFolder(id, this.#folder.absolute(body.string())),
    OPEN: ({ id, body }) => this.#openFile(id, this.#folder.absolute(body.string()), body.uint32()),
    READDIR: (request) => this.#list(request),
    READ: (request) => this.#read(request),
    CLOSE: ({ id, body }) => this.#close(id, body.string()),
    EXTENDED: ({ id, body }) => this.#extended(id, body),
  }

  #openFolder(id: number, path: Buffer): Buffer {
    const names = readdirSync(this.#folder.local(path, true), { encoding: 'buffer' })
    return this.#keep(id, { path, names: [Buffer.from('.'), Buffer.from('..'), ...names], invented: 0 })
  }

  #openFile(id: number, path: Buffer, flags: number): Buffer {
    const readOnly = 1
    if (flags !== readOnly) return packets.status(id, status.permissionDenied)
    const local = this.#folder.local(path, true)
    return this.#keep(id, { path, fd: openSync(local, constants.O_RDONLY | constants.O_NONBLOCK) })
  }

  #keep(id: number, handle: OpenFile | OpenFolder): Buffer {
    if (this.#handles.size >= openSshLimits.handles) {
      if ('fd' in handle) closeSync(handle.fd)
      return packets.status(id, status.failure, 'no free handle')
    }
    const number = this.#nextHandle++
    this.#handles.set(number, handle)
    return packets.handle(id, uint32(number))
  }

  #handle(bytes: Buffer): OpenFile | OpenFolder | undefined {
    return bytes.length === 4 ? this.#handles.get(bytes.readUInt32BE(0)) : undefined
  }

  #close(id: number, bytes: Buffer): Buffer {
    const handle = this.#handle(bytes)
    if (!handle) return packets.status(id, status.failure)
    this.#handles.delete(bytes.readUInt32BE(0))
    if ('fd' in handle) closeSync(handle.fd)
    return packets.status(id, status.ok)
  }

  #read({ id, body, fault }: Request): Buffer {
    const handle = this.#handle(body.string())
    const offset = body.uint64()
    const wanted = Math.min(body.uint32(), openSshLimits.readBytes)
    if (!handle || !('fd' in handle)) return packets.status(id, status.failure)
    const surplus = fault?.do === 'surplus' ? fault.surplusBytes : 0
    const buffer = Buffer.allocUnsafe(dataOffset + wanted + surplus)
    const got = readSync(handle.fd, buffer, dataOffset, wanted, offset)
    if (got === 0) return packets.status(id, status.eof)
    const shortened = fault?.do === 'short' ? Math.min(got, fault.lengthBytes) : got + surplus
    return dataPacket(id, buffer, shortened)
  }

  #list({ id, body, fault }: Request): Buffer {
    const handle = this.#handle(body.string())
    if (!handle || 'fd' in handle) return packets.status(id, status.failure)
    if (fault?.do === 'names')
      return packets.names(
        id,
        fault.names.map((name) => this.#invented(name)),
      )
    if (fault?.do === 'endless') {
      const names = Array.from({ length: batchSize }, (_, index) =>
        Buffer.from(`f${handle.invented + index}`),
      )
      handle.invented += batchSize
      return packets.names(
        id,
        names.map((name) => this.#invented(name)),
      )
    }
    const listed: ListedName[] = []
    while (listed.length < batchSize && handle.names.length > 0) {
      const found = this.#listed(handle.path, handle.names.splice(0, batchSize - listed.length))
      listed.push(...found)
    }
    return listed.length === 0 ? packets.status(id, status.eof) : packets.names(id, listed)
  }

  #listed(folderPath: Buffer, names: readonly Buffer[]): ListedName[] {
    const { owners } = this.#parts
    return names.flatMap((name) => {
      try {
        const attributes = this.#folder.lstat(this.#folder.absolute(childPath(folderPath, name)))
        return [{ name, longname: longname(name, attributes, owners), attributes }]
      } catch (error) {
        // Gone between the two calls: OpenSSH's server leaves such a name out, too.
        if (error instanceof Error && 'code' in error) return []
        throw error
      }
    })
  }

  #invented(name: Buffer): ListedName {
    const attributes = { ...nothingKnown, mode: 0o100644 }
    return { name, longname: longname(name, attributes, this.#parts.owners), attributes }
  }

  #extended(id: number, body: PacketReader): Buffer {
    const name = body.string().toString('latin1')
    if (!this.#parts.extensions.has(name)) return packets.status(id, status.unsupported)
    if (name === 'limits@openssh.com') {
      const { packetBytes, readBytes, handles } = openSshLimits
      return packets.extended(id, ...[packetBytes, readBytes, readBytes, handles].map(uint64))
    }
    if (name !== 'users-groups-by-id@openssh.com') return packets.status(id, status.unsupported)
    const users = namesFor(body.string(), this.#parts.owners.users)
    const groups = namesFor(body.string(), this.#parts.owners.groups)
    return packets.extended(id, string(users), string(groups))
  }
}

interface Request {
  readonly id: number
  readonly seen: RequestSeen
  readonly body: PacketReader
  readonly fault: Fault | undefined
}

const nothingKnown: Attributes = { size: 0, uid: 0, gid: 0, mode: 0, atime: 0, mtime: 0 }

/** One string for each number asked; empty where there is no name. */
function namesFor(numbers: Buffer, names: ReadonlyMap<number, string>): Buffer {
  const asked = new PacketReader(numbers)
  const found: Buffer[] = []
  while (!asked.ended) found.push(string(Buffer.from(names.get(asked.uint32()) ?? '')))
  return Buffer.concat(found)
}

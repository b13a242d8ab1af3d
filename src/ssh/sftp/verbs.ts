// The questions of SFTP version 3, one function each. Paths, names and handles are bytes. All may fail with
// `SftpRefusal`, which concerns this question only, or with the error that ended the channel.
import type { FileAttributes } from './attributes.ts'
import type { SftpChannel } from './channel.ts'
import { encodeRequest, violation } from './packet.ts'
import {
  packetType,
  readData,
  readFileAttributes,
  readHandle,
  readNames,
  readOk,
  readPath,
  type NamedAttributes,
} from './reply.ts'

const openForReading = 0x1
const noAttributes = 0

export function openFile(channel: SftpChannel, path: Buffer): Promise<Buffer> {
  return channel.request(encodeRequest(packetType.open, [path, openForReading, noAttributes]), readHandle)
}

/** At most `length` bytes, perhaps fewer; none at the end of the file. */
export function read(
  channel: SftpChannel,
  handle: Buffer,
  range: { readonly offset: number; readonly length: number },
): Promise<Buffer> {
  const packet = encodeRequest(packetType.read, [handle, BigInt(range.offset), range.length])
  return channel.request(packet, (reply) => {
    const data = readData(reply)
    if (data.length > range.length) throw violation('it answered a read with more than was asked for')
    return data
  })
}

export function fstat(channel: SftpChannel, handle: Buffer): Promise<FileAttributes> {
  return channel.request(encodeRequest(packetType.fstat, [handle]), readFileAttributes)
}

/** Of a link: its own attributes. */
export function lstat(channel: SftpChannel, path: Buffer): Promise<FileAttributes> {
  return channel.request(encodeRequest(packetType.lstat, [path]), readFileAttributes)
}

/** Of a link: the attributes of what it points to. */
export function stat(channel: SftpChannel, path: Buffer): Promise<FileAttributes> {
  return channel.request(encodeRequest(packetType.stat, [path]), readFileAttributes)
}

export function readLink(channel: SftpChannel, path: Buffer): Promise<Buffer> {
  return channel.request(encodeRequest(packetType.readLink, [path]), readPath)
}

/** The absolute path, links resolved. */
export function realPath(channel: SftpChannel, path: Buffer): Promise<Buffer> {
  return channel.request(encodeRequest(packetType.realPath, [path]), readPath)
}

export function openFolder(channel: SftpChannel, path: Buffer): Promise<Buffer> {
  return channel.request(encodeRequest(packetType.openFolder, [path]), readHandle)
}

/** The next names of a folder, `.` and `..` among them; undefined after the last. */
export function readFolder(channel: SftpChannel, handle: Buffer): Promise<NamedAttributes[] | undefined> {
  return channel.request(encodeRequest(packetType.readFolder, [handle]), readNames)
}

/** Of a file or folder. */
export function closeHandle(channel: SftpChannel, handle: Buffer): Promise<void> {
  return channel.request(encodeRequest(packetType.close, [handle]), readOk)
}

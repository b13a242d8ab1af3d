// The requests of SFTP version 3 that change something, and OpenSSH's additions to them, one function each. Paths and
// handles are bytes. All may fail with `SftpRefusal`, which concerns this request only, or with the error that ended
// the channel. None of them can refuse to follow a link in the middle of a path: the asker has to look first.
import { attributeBytes, type FileAttributes } from './attributes.ts'
import type { SftpChannel } from './channel.ts'
import { encodeRequest } from './packet.ts'
import { packetType, readHandle, readOk } from './reply.ts'

export const syncExtension = 'fsync@openssh.com'
export const replaceExtension = 'posix-rename@openssh.com'
export const linkAttributesExtension = 'lsetstat@openssh.com'

const openForWriting = 0x2
const create = 0x8
const exclusive = 0x20

/** Makes a file and opens it for writing; refused if anything is there. The mode holds from its first moment. */
export function createFile(channel: SftpChannel, path: Buffer, mode: number): Promise<Buffer> {
  const flags = openForWriting | create | exclusive
  const raw = attributeBytes({ mode })
  return channel.request(encodeRequest(packetType.open, [path, flags, { raw }]), readHandle)
}

/** Opens a file that is there for writing. */
export function reopenFile(channel: SftpChannel, path: Buffer): Promise<Buffer> {
  const raw = attributeBytes({})
  return channel.request(encodeRequest(packetType.open, [path, openForWriting, { raw }]), readHandle)
}

/** The server has taken all of the bytes when this resolves; that they are on its disk only `sync` tells. */
export function write(
  channel: SftpChannel,
  handle: Buffer,
  part: { readonly offset: number; readonly bytes: Buffer },
): Promise<void> {
  const fields = [handle, BigInt(part.offset), part.bytes]
  return channel.request(encodeRequest(packetType.write, fields), readOk)
}

/** Only where the server has `syncExtension`. */
export function sync(channel: SftpChannel, handle: Buffer): Promise<void> {
  return channel.request(encodeRequest(packetType.extended, [Buffer.from(syncExtension), handle]), readOk)
}

export function setFileAttributes(
  channel: SftpChannel,
  handle: Buffer,
  attributes: FileAttributes,
): Promise<void> {
  const raw = attributeBytes(attributes)
  return channel.request(encodeRequest(packetType.fsetStat, [handle, { raw }]), readOk)
}

/** Of what lies at the path; of a link, of what it points to. */
export function setAttributes(channel: SftpChannel, path: Buffer, attributes: FileAttributes): Promise<void> {
  const raw = attributeBytes(attributes)
  return channel.request(encodeRequest(packetType.setStat, [path, { raw }]), readOk)
}

/** Of a link itself. Only where the server has `linkAttributesExtension`. */
export function setLinkAttributes(
  channel: SftpChannel,
  path: Buffer,
  attributes: FileAttributes,
): Promise<void> {
  const fields = [Buffer.from(linkAttributesExtension), path, { raw: attributeBytes(attributes) }]
  return channel.request(encodeRequest(packetType.extended, fields), readOk)
}

/** Refused if anything is there. */
export function makeFolder(channel: SftpChannel, path: Buffer, mode: number): Promise<void> {
  const raw = attributeBytes({ mode })
  return channel.request(encodeRequest(packetType.makeFolder, [path, { raw }]), readOk)
}

/** Refused if anything is there. The target goes first, as OpenSSH has it and the draft has not. */
export function makeLink(
  channel: SftpChannel,
  link: { readonly path: Buffer; readonly target: Buffer },
): Promise<void> {
  return channel.request(encodeRequest(packetType.makeLink, [link.target, link.path]), readOk)
}

/** Refused if the new name is taken. */
export function rename(channel: SftpChannel, from: Buffer, to: Buffer): Promise<void> {
  return channel.request(encodeRequest(packetType.rename, [from, to]), readOk)
}

/** In one step over what has the new name. Only where the server has `replaceExtension`. */
export function replace(channel: SftpChannel, from: Buffer, to: Buffer): Promise<void> {
  const fields = [Buffer.from(replaceExtension), from, to]
  return channel.request(encodeRequest(packetType.extended, fields), readOk)
}

/** Of a file or link; a folder is refused. */
export function remove(channel: SftpChannel, path: Buffer): Promise<void> {
  return channel.request(encodeRequest(packetType.remove, [path]), readOk)
}

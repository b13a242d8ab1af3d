// File attributes as SFTP version 3 sends them. Each part may be missing; times are whole seconds.
import type { PacketReader } from './packet.ts'

export type FileKind = 'file' | 'folder' | 'link' | 'socket' | 'pipe' | 'device' | 'unknown'

export interface FileAttributes {
  readonly sizeBytes?: number
  readonly uid?: number
  readonly gid?: number
  /** Kind and permission bits, as `st_mode`. */
  readonly mode?: number
  /** Seconds since 1970 UTC. */
  readonly modifiedS?: number
}

const hasSize = 0x1
const hasOwner = 0x2
const hasMode = 0x4
const hasTimes = 0x8
const hasExtended = 0x8000_0000

export function readAttributes(reader: PacketReader): FileAttributes {
  const flags = reader.uint32()
  const attributes: { -readonly [Key in keyof FileAttributes]: FileAttributes[Key] } = {}
  if (flags & hasSize) attributes.sizeBytes = reader.uint64()
  if (flags & hasOwner) {
    attributes.uid = reader.uint32()
    attributes.gid = reader.uint32()
  }
  if (flags & hasMode) attributes.mode = reader.uint32()
  if (flags & hasTimes) {
    reader.uint32() // last access
    attributes.modifiedS = reader.uint32()
  }
  if (flags & hasExtended) {
    for (let pairs = reader.uint32(); pairs > 0; pairs--) {
      reader.string()
      reader.string()
    }
  }
  return attributes
}

/** The attributes as a request holds them; a size is not sent, for it would cut the file. */
export function attributeBytes({ uid, gid, mode, modifiedS }: FileAttributes): Buffer {
  const bytes = Buffer.alloc(4 + 8 + 4 + 8)
  let flags = 0
  let at = 4
  if (uid !== undefined && gid !== undefined) {
    flags |= hasOwner
    at = bytes.writeUInt32BE(gid, bytes.writeUInt32BE(uid, at))
  }
  if (mode !== undefined) {
    flags |= hasMode
    at = bytes.writeUInt32BE(mode, at)
  }
  if (modifiedS !== undefined) {
    flags |= hasTimes
    at = bytes.writeUInt32BE(modifiedS, bytes.writeUInt32BE(modifiedS, at))
  }
  bytes.writeUInt32BE(flags, 0)
  return bytes.subarray(0, at)
}

/** What the mode says about the kind; `unknown` if there is no mode. */
export function kindOf(attributes: FileAttributes): FileKind {
  return attributes.mode === undefined ? 'unknown' : (kinds.get(attributes.mode & 0o170_000) ?? 'unknown')
}

/** The kinds of `st_mode` in POSIX. */
const kinds = new Map<number, FileKind>([
  [0o100_000, 'file'],
  [0o040_000, 'folder'],
  [0o120_000, 'link'],
  [0o140_000, 'socket'],
  [0o010_000, 'pipe'],
  [0o060_000, 'device'],
  [0o020_000, 'device'],
])

// The first words with an SFTP server: versions, extensions, and its limits where it tells them
// (limits@openssh.com, OpenSSH 8.5). Without limits only what every server must manage is used.
import { PullbackError } from '../../base/errors.ts'
import type { SftpChannel } from './channel.ts'
import { encodeRequest } from './packet.ts'
import { packetType, readExtended, SftpRefusal, type Reply } from './reply.ts'

export interface ServerAbilities {
  readonly extensions: ReadonlySet<string>
  /** The longest read that is answered in full. */
  readonly readBytes: number
  /** The longest write that is taken. */
  readonly writeBytes: number
  /** How many files and folders may be open at once, on one channel. */
  readonly handles: number
}

const ourVersion = 3
const limitsExtension = 'limits@openssh.com'
/** The draft obliges a server to answer reads up to here, and no further. */
const safeReadBytes = 32 << 10
/** What OpenSSH allows, and its own client uses: 256 KiB less 1 KiB for what is around the data. */
const bestReadBytes = 255 << 10
/** Half of what a server allows; OpenSSH counts open files of the whole session. */
const mostHandles = 256
const safeHandles = 64

/** Fails with `SftpUnavailable` if the server speaks another version, or with the reason that ended the channel. */
export async function greet(channel: SftpChannel): Promise<ServerAbilities> {
  const extensions = await exchangeVersions(channel)
  const unknown = { extensions, readBytes: safeReadBytes, writeBytes: safeReadBytes, handles: safeHandles }
  if (!extensions.has(limitsExtension)) return unknown
  try {
    const packet = encodeRequest(packetType.extended, [Buffer.from(limitsExtension)])
    const { readBytes, writeBytes, handles } = await channel.request(packet, readLimits)
    return {
      extensions,
      readBytes: readBytes === 0 ? safeReadBytes : Math.min(bestReadBytes, readBytes),
      writeBytes: writeBytes === 0 ? safeReadBytes : Math.min(bestReadBytes, writeBytes),
      handles: handles === 0 ? safeHandles : Math.max(4, Math.min(mostHandles, Math.floor(handles / 2))),
    }
  } catch (error) {
    if (error instanceof SftpRefusal) return unknown
    throw error
  }
}

async function exchangeVersions(channel: SftpChannel): Promise<ReadonlySet<string>> {
  const body = await channel.hello(Buffer.from([0, 0, 0, 5, packetType.init, 0, 0, 0, ourVersion]))
  if (body.byte() !== packetType.version || body.uint32() !== ourVersion) {
    throw new PullbackError('SftpUnavailable', {
      what: `${channel.place} does not offer version ${ourVersion} of SFTP`,
      subject: channel.place,
    })
  }
  const extensions = new Set<string>()
  while (body.left > 0) {
    extensions.add(body.string().toString('latin1'))
    body.string()
  }
  return extensions
}

/** Packet length, read length, write length, open handles. */
function readLimits(reply: Reply): { readBytes: number; writeBytes: number; handles: number } {
  const body = readExtended(reply)
  body.uint64()
  const readBytes = body.uint64()
  const writeBytes = body.uint64()
  return { readBytes, writeBytes, handles: body.uint64() }
}

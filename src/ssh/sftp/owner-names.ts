// Names of owners and groups on the other machine, where its SFTP server tells them (users-groups-by-id@openssh.com,
// OpenSSH 9.0). Each number is asked for once a session.
import type { SftpChannel } from './channel.ts'
import { encodeRequest, PacketReader } from './packet.ts'
import { packetType, readExtended, SftpRefusal, type Reply } from './reply.ts'

export const ownerNamesExtension = 'users-groups-by-id@openssh.com'

type Names = Map<number, string | undefined>

export class OwnerNames {
  readonly #isOffered: boolean
  readonly #users: Names = new Map()
  readonly #groups: Names = new Map()

  constructor(isOffered: boolean) {
    this.#isOffered = isOffered
  }

  /** Undefined where the server does not tell, or was not asked. */
  userOf(uid: number): string | undefined {
    return this.#users.get(uid)
  }

  groupOf(gid: number): string | undefined {
    return this.#groups.get(gid)
  }

  /** Asks for those that are not known yet. */
  async learn(channel: SftpChannel, uids: Iterable<number>, gids: Iterable<number>): Promise<void> {
    if (!this.#isOffered) return
    const newUids = unknownIn(this.#users, uids)
    const newGids = unknownIn(this.#groups, gids)
    for (let at = 0; at < Math.max(newUids.length, newGids.length); at += idsInRequest) {
      const [uidPart, gidPart] = [newUids.slice(at, at + idsInRequest), newGids.slice(at, at + idsInRequest)]
      const [users, groups] = await ask(channel, uidPart, gidPart)
      for (const [index, uid] of uidPart.entries()) this.#users.set(uid, users[index] || undefined)
      for (const [index, gid] of gidPart.entries()) this.#groups.set(gid, groups[index] || undefined)
    }
  }
}

/** A server answers with at most a packet of names; these fit with names of 256 letters. */
const idsInRequest = 256

async function ask(channel: SftpChannel, uids: number[], gids: number[]): Promise<[string[], string[]]> {
  const fields = [Buffer.from(ownerNamesExtension), idList(uids), idList(gids)]
  try {
    return await channel.request(encodeRequest(packetType.extended, fields), readBothLists)
  } catch (error) {
    // A server may offer this and then not let everybody use it.
    if (error instanceof SftpRefusal) return [[], []]
    throw error
  }
}

function unknownIn(names: Names, ids: Iterable<number>): number[] {
  return [...new Set(ids)].filter((id) => !names.has(id))
}

function idList(ids: readonly number[]): Buffer {
  const bytes = Buffer.alloc(ids.length * 4)
  for (const [index, id] of ids.entries()) bytes.writeUInt32BE(id, index * 4)
  return bytes
}

function readBothLists(reply: Reply): [string[], string[]] {
  const body = readExtended(reply)
  return [readList(body.string()), readList(body.string())]
}

function readList(bytes: Buffer): string[] {
  const reader = new PacketReader(bytes)
  const names: string[] = []
  while (reader.left > 0) names.push(reader.string().toString())
  return names
}

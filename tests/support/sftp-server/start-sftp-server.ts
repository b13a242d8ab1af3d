// An SSH server inside this process that serves a real folder read-only over SFTP version 3, byte for byte. It stands
// for a remote machine in tests and in the demo: ssh2 carries the SSH part, the SFTP part is our own, because ssh2's
// decodes names as UTF-8. It needs no root and no files of its own, and misbehaves on order (fault-plan.ts).
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { newKeyPair } from '../client-key.ts'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel } from 'ssh2'
import type { FaultPlan } from './fault-plan.ts'
import { localOwnerNames, ServedFolder, type AttributeOverride, type OwnerNames } from './served-folder.ts'
import { SftpSession } from './sftp-session.ts'
import type { Verb } from './sftp-wire.ts'

export interface SftpUser {
  readonly name: string
  readonly password?: string
  /** Lines as in authorized_keys: type, base64, comment. */
  readonly publicKeys?: readonly string[]
}

export interface SftpServerOptions {
  readonly users: readonly SftpUser[]
  /** The folder shown as `/`; the whole machine if left out. */
  readonly root?: string
  /** A private key as text; a new Ed25519 key if left out. */
  readonly hostKey?: string
  /** Loopback port; a free one if left out. */
  readonly port?: number
  readonly attributes?: AttributeOverride
  /** Names of owners shown; those of this machine if left out. */
  readonly owners?: OwnerNames
  /** SFTP extensions offered; both that are known if left out. */
  readonly extensions?: readonly string[]
  readonly faults?: FaultPlan
}

export interface SftpServer {
  readonly host: string
  readonly port: number
  /** `SHA256:` and base64, as ssh shows it. */
  readonly hostKeyFingerprint: string
  /** The line of a known_hosts file. */
  readonly hostKeyLine: string
  /** Requests that came so far, over all connections. */
  readonly requests: ReadonlyMap<Verb, number>
  /** SSH connections that came so far. */
  readonly connections: () => number
  /** Resets every connection; new ones are taken. */
  readonly resetAll: () => void
  readonly close: () => Promise<void>
}

const host = '127.0.0.1'
const knownExtensions = new Map([
  ['limits@openssh.com', '1'],
  ['users-groups-by-id@openssh.com', '1'],
])

export async function startSftpServer(options: SftpServerOptions): Promise<SftpServer> {
  const hostKey = options.hostKey ?? newKeyPair().private
  const sockets = new Map<number, Socket>()
  const requests = new Map<Verb, number>()
  let connectionCount = 0

  const serveSftp = sftpService(options, (verb) => {
    const count = (requests.get(verb) ?? 0) + 1
    requests.set(verb, count)
    return count
  })
  const ssh = new ssh2.Server({ hostKeys: [hostKey] }, (connection, info) => {
    const socket = sockets.get(info.port)
    // A client that breaks the protocol or the line is its own trouble; the server goes on.
    connection.on('error', () => socket?.destroy())
    connection.on('authentication', (context) => authenticate(options.users, context))
    acceptSessions(connection, (channel) => serveSftp(channel, () => socket?.destroySoon()))
  })
  const listener = createServer({ noDelay: true }, (socket) => {
    const port = socket.remotePort ?? 0
    connectionCount += 1
    sockets.set(port, socket)
    socket.once('close', () => sockets.delete(port))
    ssh.injectSocket(socket)
  })
  const port = await listen(listener, options.port ?? 0)
  const { publicBytes, type } = publicPart(hostKey)

  return {
    host,
    port,
    hostKeyFingerprint: `SHA256:${createHash('sha256').update(publicBytes).digest('base64').replace(/=+$/, '')}`,
    hostKeyLine: `[${host}]:${port} ${type} ${publicBytes.toString('base64')}`,
    requests,
    connections: () => connectionCount,
    resetAll: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    close: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
      for (const socket of sockets.values()) socket.destroy()
      await closed
    },
  }
}

function sftpService(options: SftpServerOptions, count: (verb: Verb) => number) {
  const folder = new ServedFolder(options.root, options.attributes)
  const owners = options.owners ?? localOwnerNames()
  const offered = options.extensions ?? [...knownExtensions.keys()]
  const extensions = new Map([...knownExtensions].filter(([name]) => offered.includes(name)))
  const faults = options.faults ?? (() => undefined)
  return (channel: ServerChannel, hangUp: () => void): void => {
    void new SftpSession({ channel, folder, owners, extensions, faults, count, hangUp })
    // As sftp-server does: when the client has said all, the session ends well.
    channel.on('end', () => {
      channel.exit(0)
      channel.end()
    })
  }
}

function acceptSessions(connection: Connection, serve: (channel: ServerChannel) => void): void {
  connection.on('session', (accept) => {
    const session = accept()
    // Nobody may listen for `sftp`: ssh2 would put its own SFTP server on the channel.
    session.on('subsystem', (acceptSubsystem, reject, info) => {
      if (info.name === 'sftp') serve(acceptSubsystem())
      else reject()
    })
  })
}

function authenticate(users: readonly SftpUser[], context: AuthContext): void {
  const user = users.find((one) => one.name === context.username)
  const accepted =
    user !== undefined &&
    ((context.method === 'password' && passwordFits(user, context.password)) ||
      (context.method === 'publickey' && keyFits(user, context)))
  if (accepted) context.accept()
  else context.reject(['publickey', 'password'])
}

function passwordFits(user: SftpUser, given: string): boolean {
  if (user.password === undefined) return false
  return timingSafeEqual(digest(user.password), digest(given))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

type PublicKeyContext = Extract<AuthContext, { method: 'publickey' }>

function keyFits(user: SftpUser, context: PublicKeyContext): boolean {
  const key = (user.publicKeys ?? []).map(parseKey).find((one) => one.getPublicSSH().equals(context.key.data))
  if (!key) return false
  // Without a signature the client only asks whether this key would do.
  if (!context.signature || !context.blob) return true
  return key.verify(context.blob, context.signature, context.hashAlgo)
}

function publicPart(privateKey: string): { publicBytes: Buffer; type: string } {
  const key = parseKey(privateKey)
  return { publicBytes: key.getPublicSSH(), type: key.type }
}

function parseKey(text: string): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(text)
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error | undefined
  if (key === undefined || key instanceof Error) throw key ?? new Error('no key in this text')
  return key
}

function listen(listener: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(port, host, () => {
      const address = listener.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
}

// Makes a connection: prepares the login, checks the host key, logs in, and turns everything that can go wrong on the
// way into an error with a name. The transport is ssh2's; the socket is ours, which gives us its error codes, and the
// text that a busy server sends in place of a greeting. No credential leaves before the host key is accepted.
import { connect as connectSocket, type Socket } from 'node:net'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CipherAlgorithm, ConnectConfig } from 'ssh2'
import { cancelled, throwIfAborted } from '../base/abort.ts'
import { PullbackError, systemCode } from '../base/errors.ts'
import { ConnectFailure, type Failure } from './connect-failure.ts'
import { SshConnection } from './connection.ts'
import { hostKeyAlgorithms, pinnedKey, refuseHostKey, type HostKeyPolicy } from './host-key-check.ts'
import { knownKeysOf } from './known-hosts.ts'
import { usualLimits, type SshLimits } from './limits.ts'
import { prepareLogin, type Login, type LoginEnvironment } from './login.ts'
import { pause } from '../base/pause.ts'
import { placeOf, type SshAddress } from './ssh-address.ts'
import { ssh2 } from './ssh2.ts'

export interface ConnectOptions {
  readonly signal: AbortSignal
  readonly environment: LoginEnvironment
  readonly limits?: SshLimits
}

/** Connects and logs in. Fails with an error of the kind `source-gone`, or `BadOption`. */
export async function connect(address: SshAddress, options: ConnectOptions): Promise<SshConnection> {
  const { signal, environment, limits = usualLimits } = options
  const policy = await hostKeyPolicy(address, environment)
  for (let attempt = 0; ; attempt++) {
    const login = await prepareLogin(address, environment)
    throwIfAborted(signal)
    const result = await connectOnce({ address, policy, login, limits, signal })
    if (result instanceof SshConnection) return result
    const pauseMs = result.isBusy ? limits.busyRetriesMs[attempt] : undefined
    if (pauseMs === undefined) throw result.error
    await pause(pauseMs, signal)
  }
}

/** What this host's key may be: the fingerprint given, and the known_hosts files. */
async function hostKeyPolicy(address: SshAddress, environment: LoginEnvironment): Promise<HostKeyPolicy> {
  const { host, port, options } = address
  const fingerprint = options.get('ssh-fingerprint')
  const named = options.get('ssh-known-hosts')
  const files = [join(environment.homeFolder, '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts']
  const texts = named === undefined ? files.map(readIfThere) : [readNamed(named)]
  return {
    host,
    port,
    known: knownKeysOf((await Promise.all(texts)).join('\n'), host, port),
    ...(fingerprint === undefined ? {} : { pinned: pinnedKey(fingerprint) }),
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')) return ''
    throw error
  }
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, 'latin1')
  } catch (cause) {
    throw new PullbackError('BadOption', {
      what: `the file ${file} given by ssh-known-hosts cannot be read`,
      subject: 'ssh-known-hosts',
      cause,
    })
  }
}

interface Attempt {
  readonly address: SshAddress
  readonly policy: HostKeyPolicy
  readonly login: Login
  readonly limits: SshLimits
  readonly signal: AbortSignal
}

function connectOnce(attempt: Attempt): Promise<SshConnection | Failure> {
  const { address, policy, login, limits, signal } = attempt
  const failure = new ConnectFailure(placeOf(address), login)
  // Nagle's algorithm off: with it a request waits 43 ms (measured: 7 files a second).
  const socket = connectSocket({ host: address.host, port: address.port, noDelay: true })
  const client = new (ssh2().Client)()
  return new Promise((resolve, reject) => {
    const onAbort = (): void => giveUp(() => reject(cancelled()))
    const timer = setTimeout(() => {
      failure.sawTimeout()
      giveUp(() => resolve(failure.result()))
    }, limits.loginMs)
    const settle = (end: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const giveUp = (end: () => void): void =>
      settle(() => {
        // What still comes from either of them is of no interest, but must not be an unhandled event.
        client.removeAllListeners().on('error', () => undefined)
        socket.on('error', () => undefined).destroy()
        end()
      })
    signal.addEventListener('abort', onAbort, { once: true })
    client.on('handshake', () => failure.reached('login'))
    client.on('error', (error) => {
      if (failure.saw(error)) giveUp(() => resolve(failure.result()))
    })
    client.on('close', () => giveUp(() => resolve(failure.result())))
    client.on('ready', () =>
      settle(() => {
        client.removeAllListeners()
        resolve(new SshConnection({ client, socket, place: placeOf(address) }))
      }),
    )
    socket.once('connect', () => failure.reached('greeting'))
    client.connect({
      ...transport(socket, limits),
      username: address.user,
      authHandler: login.handler,
      algorithms: { ...algorithms, serverHostKey: hostKeyAlgorithms(policy) as never[] },
      hostVerifier: (blob: Buffer) => {
        failure.reached('key exchange')
        const refusal = refuseHostKey(policy, blob)
        if (refusal) failure.decided(refusal)
        return refusal === undefined
      },
    })
    // After ssh2 has put the socket on hold, so that listening does not make it flow too early.
    socket.once('data', (bytes: Buffer) => failure.sawFirstBytes(bytes))
  })
}

function transport(socket: Socket, limits: SshLimits): ConnectConfig {
  return {
    sock: socket,
    readyTimeout: 0,
    keepaliveInterval: limits.keepAliveMs,
    keepaliveCountMax: 3,
  }
}

const cipher: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
]

/** GCM first: the fastest here (measured). Nothing with SHA-1, CBC or MD5. */
const algorithms: NonNullable<ConnectConfig['algorithms']> = {
  cipher,
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

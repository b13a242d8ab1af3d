// A real sshd of OpenSSH on a free loopback port, with its own keys and configuration in a temp folder, logging in
// the user that runs the tests. Where sshd is not installed tests skip and say so; under CI that is a failure.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const sshdProgram = '/usr/sbin/sshd'

/** For `describe.skipIf(!sshdInstalled())`: says why when it is not; with CI set it throws instead. */
export function sshdInstalled(): boolean {
  if (existsSync(sshdProgram)) return true
  const reason = `${sshdProgram} is missing (Debian: openssh-server)`
  if (process.env['CI']) throw new Error(reason)
  process.stderr.write(`skipped: ${reason}\n`)
  return false
}

export interface SshdOptions {
  /** A folder of the caller for keys, configuration and log. */
  readonly folder: string
  /** Put before the common lines; sshd takes the first value of an option, so these win. */
  readonly extraLines?: readonly string[]
  /** What follows `Subsystem sftp`; null for a server without SFTP. */
  readonly subsystem?: string | null
  readonly hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[]
  /** Put before the client's key in authorized_keys: `restrict`, `command="…"`. */
  readonly keyOptions?: string
  readonly port?: number
}

export interface Sshd {
  readonly host: string
  readonly port: number
  readonly user: string
  /** The private key that may log in. */
  readonly keyFile: string
  /** Holds every host key of this server. */
  readonly knownHostsFile: string
  readonly hostKeyLines: readonly string[]
  /** `SHA256:…` of each host key, in the order of `hostKeyTypes`. */
  readonly hostKeyFingerprints: readonly string[]
  log(): string
  /** Process ids of the sessions' processes, the children of the listener. */
  sessions(): number[]
  /** Ends the sessions, the listener stays: a lost connection. */
  killSessions(): void
  /** Ends the listener and all sessions. */
  close(): Promise<void>
}

const host = '127.0.0.1'
const startLimitMs = 10_000
const stopLimitMs = 1_000
const pollMs = 10

export async function startSshd(options: SshdOptions): Promise<Sshd> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = options.port ?? (await freePort())
  const keyFile = makeKey(folder, 'client', 'ed25519')
  const hostKeys = (options.hostKeyTypes ?? ['ed25519']).map((type) => makeKey(folder, `host_${type}`, type))
  const publicKey = readFileSync(`${keyFile}.pub`, 'utf8')
  const keyOptions = options.keyOptions === undefined ? '' : `${options.keyOptions} `
  writeFileSync(join(folder, 'authorized_keys'), keyOptions + publicKey)
  const hostKeyLines = hostKeys.map((file) => {
    const [type, key] = readFileSync(`${file}.pub`, 'utf8').split(' ')
    return `[${host}]:${port} ${type} ${key?.trim()}`
  })
  const knownHostsFile = join(folder, 'known_hosts')
  writeFileSync(knownHostsFile, hostKeyLines.join('\n') + '\n')
  const config = join(folder, 'sshd_config')
  writeFileSync(config, configLines({ options, port, hostKeys }).join('\n') + '\n')

  const sshd = spawn(sshdProgram, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  sshd.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  // A test run that is broken off shall leave no server behind.
  const endWithRun = (): void => void sshd.kill('SIGKILL')
  process.once('exit', endWithRun)
  await untilAnswers(sshd, port, () => log)
  const sessions = (): number[] => descendants(sshd.pid ?? 0)
  const killSessions = (): void => sessions().forEach(kill)
  return {
    host,
    port,
    user: userInfo().username,
    keyFile,
    knownHostsFile,
    hostKeyLines,
    hostKeyFingerprints: hostKeys.map(fingerprint),
    log: () => log,
    sessions,
    killSessions,
    close: async () => {
      process.off('exit', endWithRun)
      const ended = new Promise((resolve) => sshd.once('exit', resolve))
      killSessions()
      // The listener collects its dead children; without it they would stay as zombies where nobody else does.
      await until(() => sessions().length === 0)
      if (sshd.exitCode === null && sshd.kill('SIGKILL')) await ended
    },
  }
}

interface ConfigParts {
  readonly options: SshdOptions
  readonly port: number
  readonly hostKeys: readonly string[]
}

function configLines({ options, port, hostKeys }: ConfigParts): string[] {
  const { folder, extraLines = [], subsystem = '/usr/lib/openssh/sftp-server' } = options
  const matchAt = extraLines.findIndex((line) => /^\s*match\s/i.test(line))
  const [global, matched] =
    matchAt < 0 ? [extraLines, []] : [extraLines.slice(0, matchAt), extraLines.slice(matchAt)]
  return [
    ...global,
    `ListenAddress ${host}`,
    `Port ${port}`,
    'PidFile none',
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'StrictModes no',
    'UsePAM no',
    'KbdInteractiveAuthentication no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'LogLevel VERBOSE',
    // The shell that starts the session reads its files there: those of the user may do anything, and take any time.
    `SetEnv HOME=${folder}`,
    ...(subsystem === null ? [] : [`Subsystem sftp ${subsystem}`]),
    // What follows a Match line belongs to it, so these come last.
    ...matched,
  ]
}

/** Makes a key pair without passphrase, if the folder does not hold it yet; answers the private file. */
export function makeKey(folder: string, name: string, type: string): string {
  const file = join(folder, name)
  if (existsSync(file)) return file
  const made = spawnSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'test', '-f', file], {
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`)
  return file
}

function fingerprint(keyFile: string): string {
  const shown = spawnSync('ssh-keygen', ['-l', '-f', `${keyFile}.pub`], { encoding: 'utf8' })
  return shown.stdout.split(' ')[1] ?? ''
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + stopLimitMs
  while (!condition() && performance.now() < endMs) await delay(pollMs)
}

async function untilAnswers(sshd: ChildProcess, port: number, log: () => string): Promise<void> {
  const endMs = performance.now() + startLimitMs
  while (!(await answers(port))) {
    if (sshd.exitCode !== null || performance.now() > endMs) {
      sshd.kill('SIGKILL')
      throw new Error(`sshd did not start: ${log()}`)
    }
    await delay(pollMs)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer().listen(0, host, () => {
      const address = listener.address()
      const port = address === null || typeof address === 'string' ? undefined : address.port
      listener.close(() => (port === undefined ? reject(new Error('no port')) : resolve(port)))
    })
  })
}

/** All processes below one; each session of sshd makes its own process group, so the group does not tell. */
function descendants(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(file)) return []
  const children = readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    if (!gone) throw error
  }
}

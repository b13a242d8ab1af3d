// Sources over SSH for tests: addressed to a real sshd or to the server in this process, by way of any port, with
// time limits of a test's size. A source is closed at the end of the test that made it.
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { sshSource } from '../../src/sources/ssh/ssh-source.ts'
import type { Source } from '../../src/sources/source.ts'
import { usualLimits, type SshLimits } from '../../src/ssh/limits.ts'
import { parseSshAddress } from '../../src/ssh/ssh-address.ts'
import {
  startSftpServer,
  type SftpServer,
  type SftpServerOptions,
} from '../support/sftp-server/start-sftp-server.ts'
import { startSshd, type Sshd, type SshdOptions } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Seconds where users get minutes, and no waiting for a busy server. */
export const shortLimits: SshLimits = {
  ...usualLimits,
  loginMs: 5000,
  keepAliveMs: 300,
  silenceMs: 1500,
  reconnectMs: [0, 50, 50],
  requestMs: 5000,
  busyRetriesMs: [100, 200, 400, 800, 1600],
}

export interface SourceAt {
  readonly port: number
  readonly path?: string
  /** Of the address, written as in it. */
  readonly options: Record<string, string>
  readonly user?: string
  readonly host?: string
  readonly limits?: SshLimits
  readonly homeFolder?: string
  readonly agentSocket?: string
}

/** A source, not yet opened. */
export function sourceAt(at: SourceAt): Source {
  const query = Object.entries(at.options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const user = at.user === undefined ? '' : `${at.user}@`
  const path = (at.path ?? '/').split('/').map(encodeURIComponent).join('/')
  const url = `ssh://${user}${at.host ?? '127.0.0.1'}:${at.port}${path}?${query.join('&')}`
  const source = sshSource({
    address: parseSshAddress(url),
    clock: systemClock,
    environment: {
      homeFolder: at.homeFolder ?? '/nonexistent',
      ...(at.agentSocket === undefined ? {} : { agentSocket: at.agentSocket }),
    },
    limits: at.limits ?? shortLimits,
  })
  onTestFinished(() => source.close())
  return source
}

/** What logs in to a real sshd, from wherever its line leads. */
export function keyLogin(sshd: Sshd): Record<string, string> {
  return { 'ssh-keyfile': sshd.keyFile, 'ssh-fingerprint': sshd.hostKeyFingerprints[0] ?? '' }
}

export const password = 'canary-password-7391'

/** What logs in to the server in this process, from wherever its line leads. */
export function passwordLogin(server: SftpServer): Record<string, string> {
  return {
    'auth-username': 'ada',
    'auth-password': password,
    'ssh-fingerprint': server.hostKeyFingerprint,
    'ssh-disable-agent': 'true',
  }
}

/** A real sshd until the end of the test. */
export async function sshdHere(options: Partial<SshdOptions> = {}): Promise<Sshd> {
  const sshd = await startSshd({ folder: tempFolder(), ...options })
  onTestFinished(() => sshd.close())
  return sshd
}

/** The server in this process until the end of the test, with the user that `passwordLogin` names. */
export async function serverHere(options: Partial<SftpServerOptions> = {}): Promise<SftpServer> {
  const server = await startSftpServer({ users: [{ name: 'ada', password }], ...options })
  onTestFinished(() => server.close())
  return server
}

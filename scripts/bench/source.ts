// Where a tree is read from: its folder, or the other end of a long line: an sshd of our own on the loopback, behind a
// process that delays every byte. Programs without SSH read that through sshfs, mounted as Docker's sshfs plugin does.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startSshd } from '../../tests/support/sshd-lab.ts'
import type { MeasuredCommands } from './measured-command.ts'

export interface Source extends AsyncDisposable {
  /** For programs that read `ssh://` themselves. */
  readonly address: string
  /** A folder for the others, newly mounted at each call, so that nothing is cached. */
  mount(): Promise<string>
}

interface SourceOptions {
  readonly tree: string
  /** For keys, logs and the mount. */
  readonly folder: string
  readonly commands: MeasuredCommands
}

/** The delay of both ways in milliseconds of a name like `rtt20`; undefined for `local`. */
export function roundTripMs(name: string): number | undefined {
  const digits = /^rtt(\d+)$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Anything but `local` needs an sshd on this machine, and `mount` sshfs. */
export async function openSource(name: string, options: SourceOptions): Promise<Source> {
  const rttMs = roundTripMs(name)
  return rttMs === undefined ? localSource(options.tree) : openRemote(rttMs, options)
}

function localSource(tree: string): Source {
  return { address: tree, mount: async () => tree, [Symbol.asyncDispose]: async () => {} }
}

async function openRemote(rttMs: number, { tree, folder, commands }: SourceOptions): Promise<Source> {
  await using opened = new AsyncDisposableStack()
  const sshd = opened.adopt(await startSshd({ folder: join(folder, 'ssh') }), (server) => server.close())
  const port = await startLine(opened, sshd.port, rttMs / 2)
  const mountPoint = join(folder, 'mount')
  mkdirSync(mountPoint, { recursive: true })
  opened.defer(() => unmount(mountPoint))
  const login = [
    '-oStrictHostKeyChecking=no',
    '-oUserKnownHostsFile=/dev/null',
    `-oIdentityFile=${sshd.keyFile}`,
    '-oIdentitiesOnly=yes',
    `-p${port}`,
  ]
  const resources = opened.move()
  const query = new URLSearchParams({
    'ssh-keyfile': sshd.keyFile,
    'ssh-fingerprint': sshd.hostKeyFingerprints[0] ?? '',
  })
  return {
    address: `ssh://${sshd.user}@${sshd.host}:${port}${urlPath(tree)}?${query.toString()}`,
    mount: async () => {
      unmount(mountPoint)
      await commands.run({
        program: 'sshfs',
        args: [`${sshd.user}@${sshd.host}:${tree}`, mountPoint, ...login],
      })
      return mountPoint
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Starts the process that delays; answers the port to connect to. */
async function startLine(opened: AsyncDisposableStack, port: number, oneWayMs: number): Promise<number> {
  const line = fork(new URL('./delayed-line.ts', import.meta.url), [String(port), String(oneWayMs)])
  const ended = once(line, 'exit')
  opened.defer(async () => {
    line.kill('SIGKILL')
    await ended
  })
  const [said] = (await Promise.race([once(line, 'message'), ended])) as unknown[]
  if (typeof said !== 'number' || line.exitCode !== null) throw new Error('the delayed line did not start')
  return said
}

/** Also what an earlier run left behind that was killed. Where nothing is mounted, fails and need not be heard. */
function unmount(mountPoint: string): void {
  spawnSync('fusermount3', ['-u', '-z', mountPoint], { stdio: 'ignore' })
}

function urlPath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

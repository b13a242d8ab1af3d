// How each program is made to do the same four steps: encrypted, compressed as it comes, all caches inside the bench
// folder.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from './measured-command.ts'

/**
 * `rebuild` is a dry run without the index of the runs before: it is built again from the destination, and compared.
 * Peers have no such thing. `list` shows what the newest backup holds.
 */
export const steps = ['first', 'unchanged', 'changed', 'rebuild', 'list', 'restore'] as const
export type Step = (typeof steps)[number]
export type BackupStep = Extract<Step, 'first' | 'unchanged' | 'changed'>

export const peerNames = ['restic', 'borg', 'ours'] as const
export type PeerName = (typeof peerNames)[number]

export interface Peer {
  /** Reads `ssh://` itself. Others are given the source through sshfs. */
  readonly native: boolean
  /** Makes the empty repository, where that is a step of its own. */
  readonly create?: Command
  readonly backup: (step: BackupStep, source: string) => Command
  readonly rebuild?: (source: string) => Command
  readonly list: Command
  /** Restores the newest backup into an empty folder. */
  readonly restore: (folder: string) => Command
}

export interface PeerOptions {
  /** Does not exist yet. */
  readonly repository: string
  readonly caches: string
  /** The command line under test: a program and what always follows it. */
  readonly ours: readonly string[]
  /** More options for our backups. */
  readonly backupOptions: readonly string[]
}

const passphrase = 'correct horse battery staple'

export const peers: Readonly<Record<PeerName, (options: PeerOptions) => Peer>> = {
  restic: ({ repository, caches }) => {
    const env = { RESTIC_PASSWORD: passphrase, RESTIC_REPOSITORY: repository, RESTIC_CACHE_DIR: caches }
    const restic = (...args: readonly string[]): Command => ({ program: 'restic', args, env })
    return {
      native: false,
      // The second version of its format is the one that compresses.
      create: restic('init', '--repository-version', '2'),
      backup: (_step, source) => ({ ...restic('backup', '.'), folder: source }),
      list: restic('ls', 'latest'),
      restore: (folder) => restic('restore', 'latest', '--target', folder),
    }
  },
  borg: ({ repository, caches }) => {
    const env = { BORG_PASSPHRASE: passphrase, BORG_REPO: repository, BORG_BASE_DIR: join(caches, 'borg') }
    const borg = (...args: readonly string[]): Command => ({ program: 'borg', args, env })
    return {
      native: false,
      create: borg('init', '--encryption', 'repokey-blake2'),
      backup: (step, source) => ({
        ...borg('create', '--compression', 'zstd,1', `::${step}`, '.'),
        folder: source,
      }),
      list: borg('list', '::changed'),
      restore: (folder) => ({ ...borg('extract', '::changed'), folder }),
    }
  },
  ours: ({ repository, ours: [program = '', ...before], backupOptions }) => {
    const pullback = (...args: readonly string[]): Command => ({ program, args: [...before, ...args] })
    const secret = `--passphrase=${passphrase}`
    const place = [secret, `--dbpath=${repository}.sqlite`]
    const otherPlace = [secret, `--dbpath=${repository}-rebuilt.sqlite`]
    const backup = (...args: readonly string[]): Command =>
      pullback('backup', `file://${repository}`, ...args)
    return {
      native: true,
      backup: (step, source) => ({
        ...backup(source, ...place, ...backupOptions),
        // 1 is Duplicati's exit code for "all is well, and nothing had to be uploaded".
        goodExits: step === 'unchanged' ? [0, 1] : [0],
      }),
      rebuild: (source) => ({ ...backup('--dry-run', source, ...otherPlace), goodExits: [0, 1] }),
      list: pullback('list', `file://${repository}`, ...place),
      restore: (folder) => pullback('restore', `file://${repository}`, `--restore-path=${folder}`, ...place),
    }
  },
}

/** Name and version as a program says them; undefined where it does not run. */
export function installedVersion(name: PeerName, ours: readonly string[]): string | undefined {
  const [program = '', ...args] = {
    restic: ['restic', 'version'],
    borg: ['borg', '--version'],
    ours: [...ours, 'version'],
  }[name]
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split(' ').slice(0, 2).join(' ') : undefined
}

// How each program is made to do the same four steps: encrypted, compressed as it comes, all caches inside the bench
// folder.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from './measured-command.ts'

export const steps = ['first', 'unchanged', 'changed', 'restore'] as const
export type Step = (typeof steps)[number]
export type BackupStep = Exclude<Step, 'restore'>

export const peerNames = ['restic', 'borg', 'ours'] as const
export type PeerName = (typeof peerNames)[number]

export interface Peer {
  /** Reads `ssh://` itself. Others are given the source through sshfs. */
  readonly native: boolean
  /** Makes the empty repository, where that is a step of its own. */
  readonly create?: Command
  readonly backup: (step: BackupStep, source: string) => Command
  /** Restores the newest backup into an empty folder. */
  readonly restore: (folder: string) => Command
}

export interface PeerOptions {
  /** Does not exist yet. */
  readonly repository: string
  readonly caches: string
  /** The command line under test: a program and what always follows it. */
  readonly ours: readonly string[]
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
      restore: (folder) => ({ ...borg('extract', '::changed'), folder }),
    }
  },
  ours: ({ repository, ours: [program = '', ...before] }) => {
    const pullback = (...args: readonly string[]): Command => ({ program, args: [...before, ...args] })
    const place = [`--passphrase=${passphrase}`, `--dbpath=${repository}.sqlite`]
    return {
      native: true,
      backup: (step, source) => ({
        ...pullback('backup', `file://${repository}`, source, ...place),
        // 1 is Duplicati's exit code for "all is well, and nothing had to be uploaded".
        goodExits: step === 'unchanged' ? [0, 1] : [0],
      }),
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

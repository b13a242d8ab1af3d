// Which adapter an address means. The only place that knows them all, and the only one that reads the environment for
// what they need.
import { homedir } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { PullbackError } from '../base/errors.ts'
import { pause } from '../base/pause.ts'
import type { Randomness } from '../base/randomness.ts'
import type { BackupSource } from '../engine/backup/backup-job.ts'
import { nameToText } from '../format/path-text.ts'
import type { Receiver } from '../receivers/receiver.ts'
import { sshReceiver } from '../receivers/ssh/ssh-receiver.ts'
import { LocalSource } from '../sources/local/local-source.ts'
import { sshSource } from '../sources/ssh/ssh-source.ts'
import { defaultSshPort, isSshAddress, parseSshAddress, type SshAddress } from '../ssh/ssh-address.ts'
import { RetryingTarget } from '../targets/around/retrying-target.ts'
import { folderOfUrl } from '../targets/local/file-url.ts'
import { LocalTarget } from '../targets/local/local-target.ts'
import type { Target } from '../targets/target.ts'
import type { Adapters, AddressOptions } from '../usecases/world.ts'
import { retryOptions } from './retry-options.ts'

export function allAdapters(tools: { readonly clock: Clock; readonly randomness: Randomness }): Adapters {
  return {
    target: (url, options, progress) => {
      const onWait = (nextTry: number | undefined): void => {
        if (progress) progress.waitsForTry = nextTry
      }
      return new RetryingTarget(targetOf(url, tools), { ...tools, pause, onWait, ...retryOptions(options) })
    },
    source: (text, options) => sourceOf(text, options, tools.clock),
    receiver: (text, options) => receiverOf(text, options, tools),
  }
}

function targetOf(url: string, tools: { readonly clock: Clock; readonly randomness: Randomness }): Target {
  const scheme = schemeOf(url)
  if (scheme === undefined || scheme === 'file')
    return new LocalTarget({ folder: folderOfUrl(url), ...tools })
  // The rest of the URL is left out: it may hold a password.
  throw new PullbackError('BadArguments', {
    what: `${scheme}:// cannot be a destination yet: destinations other than a folder come later`,
    subject: scheme,
    advice: 'Name a folder of this machine: file:///path, or the path alone.',
  })
}

function receiverOf(
  text: string,
  options: AddressOptions,
  tools: { readonly clock: Clock; readonly randomness: Randomness },
): Receiver | undefined {
  if (!isSshAddress(text)) return undefined
  return sshReceiver({ address: parseSshAddress(text, options), environment: loginEnvironment(), ...tools })
}

/** Duplicati's form for a source that appears at a path of its own: `@/source/web1|ssh://…`. */
const mounted = /^@(?<mountPath>[^|]+)\|(?<address>.+)$/s

function sourceOf(text: string, options: AddressOptions, clock: Clock): BackupSource {
  const groups = mounted.exec(text)?.groups
  const address = groups?.['address'] ?? text
  const mountPath = groups?.['mountPath'] === undefined ? undefined : rootedPath(groups['mountPath'])
  if (isSshAddress(address)) {
    const parsed = parseSshAddress(address, options)
    const source = sshSource({ address: parsed, clock, environment: loginEnvironment() })
    return { source, mountPath: mountPath ?? pathOfMachine(parsed), ...machinePathOf(parsed) }
  }
  const scheme = schemeOf(address)
  if (scheme !== undefined && scheme !== 'file') {
    throw new PullbackError('BadArguments', {
      what: `${scheme}:// cannot be a source`,
      subject: scheme,
      advice: 'Name a folder of this machine, or ssh://user@host/path.',
    })
  }
  const folder = folderOfUrl(address)
  const machinePath = nameToText(Buffer.from(folder))
  return {
    source: new LocalSource({ path: folder, clock }),
    mountPath: mountPath ?? machinePath,
    machinePath,
  }
}

function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
}

/** A machine's folder appears under the name of the machine: two machines never meet in one path. */
function pathOfMachine(address: SshAddress): string {
  const port = address.port === defaultSshPort ? '' : `:${address.port}`
  return rootedPath(
    `/${address.host}${port}${address.pathIsRelative ? '/~' : ''}/${nameToText(address.path)}`,
  )
}

/** Only the machine knows what a path with `..`, or one from the login folder, is in full. */
function machinePathOf({ path, pathIsRelative }: SshAddress): { machinePath?: string } {
  const parts = nameToText(path).split('/')
  return pathIsRelative || parts.includes('..') ? {} : { machinePath: rootedPath(parts.join('/')) }
}

/** A path as a version holds it. What has `..` in it cannot be restored, and only the machine knows where it leads. */
function rootedPath(text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (text.startsWith('/') && !parts.includes('..')) return `/${parts.join('/')}`
  throw new PullbackError('BadArguments', {
    what: `a source cannot have the path ${text} in the backup: it is not absolute, or has .. in it`,
    subject: text,
    advice: 'Write the address without .., or as @/path/in/the/backup|address.',
  })
}

function loginEnvironment(): { homeFolder: string; agentSocket?: string } {
  const agentSocket = process.env['SSH_AUTH_SOCK']
  return { homeFolder: homedir(), ...(agentSocket ? { agentSocket } : {}) }
}

// Reads `ssh://` and `sftp://` addresses with the option names that Duplicati uses, and a few of our own. Paths come
// out as bytes, because file names on the other machine are bytes. Host keys are always checked: the option that
// switches the check off is refused here. Nothing this file says, in labels or errors, holds a password or a key.
import { userInfo } from 'node:os'
import { PullbackError } from '../base/errors.ts'

export interface SshAddress {
  /** Name or address, lower case, IPv6 without its brackets. */
  readonly host: string
  readonly port: number
  readonly user: string
  /** Of the login, and of its key if that is encrypted. */
  readonly password?: string
  /** Absolute, or relative to the login folder when `pathIsRelative`; never empty, no trailing `/`. */
  readonly path: Buffer
  readonly pathIsRelative: boolean
  readonly options: ReadonlyMap<string, string>
}

export const defaultSshPort = 22

const schemePattern = /^(?:ssh|sftp):\/\//i
const addressPattern = new RegExp(
  [
    /^(?:ssh|sftp):\/\//,
    /(?:(?<login>[^@/?]*)@)?/,
    /(?<host>\[[^\]/?@]*\]|[^:/?@]*)(?::(?<port>\d{1,5}))?/,
    /(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
  'is',
)

/** True for a text that `parseSshAddress` is meant for; it may still be refused there. */
export function isSshAddress(text: string): boolean {
  return schemePattern.test(text)
}

/**
 * Parses an address. `defaults` are options given elsewhere: one in the address wins. Fails with `BadOption`.
 */
export function parseSshAddress(text: string, defaults?: ReadonlyMap<string, string>): SshAddress {
  const groups = addressPattern.exec(text)?.groups
  if (!groups) throw badAddress('the address does not have the form ssh://user@host:port/path')
  const host = hostOf(groups['host'] ?? '')
  const port = Number(groups['port'] ?? defaultSshPort)
  if (port < 1 || port > 65_535) throw badAddress(`the port ${port} is not between 1 and 65535`)
  const options = new Map([...(defaults ?? []), ...parseQuery(groups['query'] ?? '')])
  if (isOn(options, 'ssh-accept-any-fingerprints')) {
    throw new PullbackError('BadOption', {
      what: 'ssh-accept-any-fingerprints is not supported: the key of a machine is always checked',
      subject: 'ssh-accept-any-fingerprints',
      advice: 'Add the machine to known_hosts, or give its fingerprint with ssh-fingerprint.',
    })
  }
  const login = /^(?<user>[^:]*)(?::(?<password>.*))?$/s.exec(groups['login'] ?? '')?.groups
  const password = options.get('auth-password') ?? decodeText(login?.['password'])
  const pathIsRelative = isOn(options, 'ssh-relative-path')
  return {
    host,
    port,
    user: userOf(options.get('auth-username') || decodeText(login?.['user'])),
    ...(password === undefined ? {} : { password }),
    path: pathOf(groups['path'] ?? '', pathIsRelative),
    pathIsRelative,
    options,
  }
}

/** For people: the address without password and options. */
export function labelOf(address: SshAddress): string {
  const slash = address.pathIsRelative ? '/~/' : ''
  return `ssh://${placeOf(address)}${slash}${address.path.toString()}`
}

/** For people: user, host, and the port if it is not 22. */
export function placeOf(address: Pick<SshAddress, 'user' | 'host' | 'port'>): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${address.user}@${host}${address.port === defaultSshPort ? '' : `:${address.port}`}`
}

/** True if a yes-or-no option is given and its value is not one of Duplicati's words for no. */
export function isOn(options: ReadonlyMap<string, string>, name: string): boolean {
  const value = options.get(name)
  return value !== undefined && !['false', 'no', 'off', '0'].includes(value.trim().toLowerCase())
}

function badAddress(what: string): PullbackError {
  return new PullbackError('BadOption', {
    what,
    advice: 'Write it as ssh://user@host:port/path?option=value, with special characters as %XX.',
  })
}

function hostOf(text: string): string {
  const host = decodeText(text)
    ?.replace(/^\[(.*)\]$/s, '$1')
    .toLowerCase()
  if (!host) throw badAddress('the address names no host')
  if (host.startsWith('-') || hasControl(host) || /[\s/@]/.test(host)) {
    throw badAddress(`${JSON.stringify(host)} is not a host name`)
  }
  return host
}

function userOf(given: string | undefined): string {
  if (given) {
    if (given.startsWith('-') || hasControl(given)) {
      throw badAddress(`${JSON.stringify(given)} is not a user name`)
    }
    return given
  }
  try {
    return userInfo().username
  } catch (cause) {
    // The user that runs this has no name of its own (seen in containers).
    throw new PullbackError('BadOption', {
      what: 'the address names no user, and the local user has no name',
      advice: 'Write ssh://user@host/path, or give auth-username.',
      cause,
    })
  }
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text)
}

function pathOf(text: string, relative: boolean): Buffer {
  let path = decodeBytes(text)
  if (path.includes(0)) throw badAddress('the path holds a zero byte')
  let end = path.length
  while (end > 0 && path[end - 1] === slash) end--
  path = path.subarray(0, end)
  if (!relative) return path.length === 0 ? Buffer.from('/') : path
  let start = 0
  while (path[start] === slash) start++
  return start === path.length ? Buffer.from('.') : path.subarray(start)
}

const slash = 0x2f

function parseQuery(query: string): Map<string, string> {
  const options = new Map<string, string>()
  for (const part of query.split('&')) {
    if (part === '') continue
    const at = part.indexOf('=')
    const name = decodeQueryText(at < 0 ? part : part.slice(0, at)).toLowerCase()
    const value = at < 0 ? 'true' : decodeQueryText(part.slice(at + 1))
    options.set(name, name === 'ssh-fingerprint' ? repairFingerprint(value) : value)
  }
  return options
}

/** In a query `+` means a space; the base64 of a SHA-256 fingerprint has no spaces but may have `+`. */
function repairFingerprint(value: string): string {
  const at = value.indexOf('SHA256:')
  return at < 0 ? value : value.slice(0, at) + value.slice(at).replaceAll(' ', '+')
}

function decodeQueryText(text: string): string {
  return decodeBytes(text.replaceAll('+', ' ')).toString()
}

function decodeText(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : decodeBytes(text).toString()
}

/** Percent-decoding to bytes. A `%` without two hex digits stands for itself, as in Duplicati. */
function decodeBytes(text: string): Buffer {
  const parts = text.split(/((?:%[0-9a-f]{2})+)/i)
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part),
    ),
  )
}

// Reads OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): plain and hashed names, lists, wildcards,
// negation, `[host]:port`, `@revoked`. Lines of certificate authorities are recognised and not used: a host
// certificate is not accepted. A line that cannot be read is passed over, as OpenSSH does.
import { createHmac } from 'node:crypto'
import { defaultSshPort } from './ssh-address.ts'

export interface KnownKeys {
  /** Blobs of the keys that this host may have. */
  readonly accepted: readonly Buffer[]
  /** Blobs of keys that must never be accepted. */
  readonly revoked: readonly Buffer[]
}

/** The keys that the text of a known_hosts file names for a host. */
export function knownKeysOf(text: string, host: string, port: number): KnownKeys {
  const name = knownHostsName(host, port)
  const accepted: Buffer[] = []
  const revoked: Buffer[] = []
  for (const line of text.split('\n')) {
    const found = parseLine(line)
    if (!found || !matchesHost(found.hosts, name)) continue
    if (found.marker === undefined) accepted.push(found.blob)
    else if (found.marker === '@revoked') revoked.push(found.blob)
  }
  return { accepted, revoked }
}

/** The line that a person may add to known_hosts, once the key has been compared. */
export function knownHostsLine(host: string, port: number, blob: Buffer): string {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
  return `${knownHostsName(host, port)} ${type} ${blob.toString('base64')}`
}

function knownHostsName(host: string, port: number): string {
  const lower = host.toLowerCase()
  return port === defaultSshPort ? lower : `[${lower}]:${port}`
}

interface KnownLine {
  readonly marker: string | undefined
  readonly hosts: string
  readonly blob: Buffer
}

function parseLine(line: string): KnownLine | undefined {
  const words = line.trim().split(/[ \t]+/)
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined
  const [hosts, type, base64] = words
  if (!hosts || hosts.startsWith('#') || !type || !base64) return undefined
  const blob = Buffer.from(base64, 'base64')
  const inside = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : ''
  return inside === type ? { marker, hosts, blob } : undefined
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name)
  let matched = false
  for (const pattern of hosts.split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

/** `|1|salt|hash`: the HMAC-SHA1 of the name, keyed with the salt. */
function matchesHash(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|')
  if (version !== '1' || !salt || !hash) return false
  const wanted = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return wanted.equals(Buffer.from(hash, 'base64'))
}

/** `*` for any letters, `?` for one. In one pass that steps back at most to the last `*`, so never slow. */
function matchesPattern(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase()
  let at = 0
  let star = -1
  let starAt = 0
  for (let position = 0; position < name.length;) {
    if (at < wanted.length && (wanted[at] === '?' || wanted[at] === name[position]) && wanted[at] !== '*') {
      at++
      position++
    } else if (wanted[at] === '*') {
      star = at++
      starAt = position
    } else if (star >= 0) {
      at = star + 1
      position = ++starAt
    } else return false
  }
  while (wanted[at] === '*') at++
  return at === wanted.length
}

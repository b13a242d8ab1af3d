// Decides whether the key that a machine shows is the key it must have. Pure and cheap: it is asked at the login and
// at every later key exchange. Nobody is ever trusted on first sight: an unknown key ends the connection before any
// credential is sent, with what a person needs to compare and accept it.
import { PullbackError } from '../base/errors.ts'
import {
  duplicatiFingerprint,
  isWrittenKey,
  keyTypeOf,
  readFingerprint,
  sha256Fingerprint,
  type WrittenFingerprint,
} from './fingerprint.ts'
import { knownHostsLine, type KnownKeys } from './known-hosts.ts'

export interface HostKeyPolicy {
  readonly host: string
  readonly port: number
  /** What known_hosts says. */
  readonly known: KnownKeys
  /** The option ssh-fingerprint: if given, the only key accepted. */
  readonly pinned?: WrittenFingerprint
}

/** Undefined if the key is accepted, else the reason for ending the connection. */
export function refuseHostKey(policy: HostKeyPolicy, blob: Buffer): PullbackError | undefined {
  const place = `${policy.host}:${policy.port}`
  const shown = `${sha256Fingerprint(blob)} (${duplicatiFingerprint(blob)})`
  if (policy.known.revoked.some((key) => key.equals(blob))) {
    return new PullbackError('HostKeyChanged', {
      what: `${place} shows the key ${shown}, which known_hosts marks as revoked`,
      subject: place,
      advice: 'Do not connect: whoever holds this key is not to be trusted any more.',
    })
  }
  if (policy.pinned) {
    if (isWrittenKey(blob, policy.pinned)) return undefined
    return changed(place, shown, `ssh-fingerprint says ${spell(policy.pinned)}`)
  }
  if (policy.known.accepted.some((key) => key.equals(blob))) return undefined
  const others = policy.known.accepted.map((key) => `${keyTypeOf(key)} ${sha256Fingerprint(key)}`)
  if (others.length > 0) return changed(place, shown, `known_hosts says ${others.join(', ')}`)
  return new PullbackError('HostKeyUnknown', {
    what: `nothing is known yet about ${place}; it shows the key ${keyTypeOf(blob)} ${shown}`,
    subject: place,
    advice:
      'Compare this fingerprint on the machine itself (ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub). If it is ' +
      `the same, give ssh-fingerprint=${sha256Fingerprint(blob)}, or add this line to known_hosts: ` +
      knownHostsLine(policy.host, policy.port, blob),
  })
}

/**
 * The host key algorithms to offer, best first, those of a key already known in front: a host with several keys then
 * shows the one that can be compared. RSA with SHA-1 is never offered.
 */
export function hostKeyAlgorithms(policy: HostKeyPolicy): string[] {
  const pinnedType = policy.pinned?.type
  const knownTypes = new Set(policy.pinned ? [pinnedType] : policy.known.accepted.map(keyTypeOf))
  const isKnown = (algorithm: string): boolean =>
    knownTypes.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...safeAlgorithms.filter(isKnown), ...safeAlgorithms.filter((algorithm) => !isKnown(algorithm))]
}

/** Reads the option ssh-fingerprint; fails with `BadOption` if it is not a fingerprint. */
export function pinnedKey(text: string): WrittenFingerprint {
  const written = readFingerprint(text)
  if (written) return written
  throw new PullbackError('BadOption', {
    what: 'ssh-fingerprint is not a fingerprint',
    subject: 'ssh-fingerprint',
    advice: 'Write SHA256:… as `ssh-keygen -l` prints it, or the MD5 in hex with colons.',
  })
}

const safeAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

function changed(place: string, shown: string, expected: string): PullbackError {
  return new PullbackError('HostKeyChanged', {
    what: `${place} shows the key ${shown}, but ${expected}`,
    subject: place,
  })
}

function spell(written: WrittenFingerprint): string {
  return 'sha256' in written.digest ? written.digest.sha256 : written.digest.md5
}

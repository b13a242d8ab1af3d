// Names of a public key, given as the blob that SSH sends: its type, its length, its fingerprints, and whether it is
// the one that a person wrote down. Two spellings are read: OpenSSH's `SHA256:…`, and the MD5 in hex with colons that
// Duplicati's option holds, alone or after algorithm and length.
import { createHash } from 'node:crypto'
import { sha256 } from '../base/hash.ts'

/** `SHA256:` and the base64 without padding, as `ssh-keygen -l` prints it. */
export function sha256Fingerprint(blob: Buffer): string {
  return `SHA256:${sha256(blob).toString('base64').replace(/=+$/, '')}`
}

/** Sixteen bytes in lower-case hex, joined by colons. */
export function md5Fingerprint(blob: Buffer): string {
  const hex = createHash('md5').update(blob).digest('hex')
  return hex.replace(/..(?!$)/g, '$&:')
}

/** The type inside the blob, such as `ssh-ed25519`; empty if this is no key. */
export function keyTypeOf(blob: Buffer): string {
  return readString(blob, 0)?.toString('latin1') ?? ''
}

/** As `ssh-keygen -l` counts it; 0 for types it does not know. */
export function keyBitsOf(blob: Buffer): number {
  const type = keyTypeOf(blob)
  if (type === 'ssh-ed25519') return 256
  if (type.startsWith('ecdsa-sha2-nistp')) return Number(type.slice('ecdsa-sha2-nistp'.length))
  if (type !== 'ssh-rsa') return 0
  const exponent = readString(blob, 4 + type.length)
  const modulus = exponent && readString(blob, 4 + type.length + 4 + exponent.length)
  const firstSet = modulus ? modulus.findIndex((byte) => byte !== 0) : -1
  if (!modulus || firstSet < 0) return 0
  return (modulus.length - firstSet) * 8 - (Math.clz32(modulus[firstSet] ?? 0) - 24)
}

/** The form of Duplicati's ssh-fingerprint: algorithm, length, MD5. */
export function duplicatiFingerprint(blob: Buffer): string {
  return `${keyTypeOf(blob)} ${keyBitsOf(blob)} ${md5Fingerprint(blob)}`
}

/** What a person wrote down as the fingerprint of a key. */
export interface WrittenFingerprint {
  /** The key type, where the text names one: RSA under its one name `ssh-rsa`. */
  readonly type?: string
  readonly digest: { readonly sha256: string } | { readonly md5: string }
}

/** Reads either spelling; undefined if it is neither. */
export function readFingerprint(text: string): WrittenFingerprint | undefined {
  const words = text.trim().split(/\s+/)
  const last = words.at(-1) ?? ''
  const type = words.length > 1 ? { type: ownName((words[0] ?? '').toLowerCase()) } : {}
  if (/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(last)) {
    return { ...type, digest: { sha256: last.replace(/=$/, '') } }
  }
  const hex = last.replace(/^MD5:/i, '')
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){15}$/i.test(hex)) return { ...type, digest: { md5: hex.toLowerCase() } }
  return undefined
}

/**
 * True if the blob is the key that was written down. The length that Duplicati's form also holds is not compared:
 * the digest covers the whole key, and programs disagree on the length of an Ed25519 key (255 or 256).
 */
export function isWrittenKey(blob: Buffer, written: WrittenFingerprint): boolean {
  if (written.type !== undefined && written.type !== keyTypeOf(blob)) return false
  if ('sha256' in written.digest) return written.digest.sha256 === sha256Fingerprint(blob)
  return written.digest.md5 === md5Fingerprint(blob)
}

/** Signature algorithms over the same RSA key are written in place of its type. */
function ownName(type: string): string {
  return type.startsWith('rsa-sha2-') ? 'ssh-rsa' : type
}

function readString(blob: Buffer, at: number): Buffer | undefined {
  if (at + 4 > blob.length) return undefined
  const end = at + 4 + blob.readUInt32BE(at)
  return end > blob.length ? undefined : blob.subarray(at + 4, end)
}

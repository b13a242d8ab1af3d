// How blocks are called inside a dblock: their hash in base64 of the URL-safe alphabet, padding kept. (In JSON the same
// hashes have the standard alphabet.)
import { sha256Length } from '../base/hash.ts'

const nameLength = 44

export function blockEntryName(hash: Buffer): string {
  return `${hash.toString('base64url')}=`
}

/** Undefined for an entry that is no block. */
export function blockHashOfEntryName(name: string): Buffer | undefined {
  if (name.length !== nameLength || !/^[A-Za-z0-9_-]{43}=$/.test(name)) return undefined
  const hash = Buffer.from(name, 'base64url')
  // The last letter has bits to spare; one hash has one name.
  return hash.length === sha256Length && blockEntryName(hash) === name ? hash : undefined
}

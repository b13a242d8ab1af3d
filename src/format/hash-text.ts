// SHA-256 hashes as JSON holds them: standard base64 with its padding, 44 characters.
import { sha256Length } from '../base/hash.ts'

const textLength = 44

/** The 32 bytes of a hash, or undefined if it is not the text of one. */
export function hashFromText(text: unknown): Buffer | undefined {
  if (typeof text !== 'string' || text.length !== textLength) return undefined
  // Node skips what is no base64, so that any such character shows as a missing byte.
  const hash = Buffer.from(text, 'base64')
  return hash.length === sha256Length ? hash : undefined
}

/** The text of one hash. */
export function hashToText(hash: Buffer): string {
  return hash.toString('base64')
}

/** The texts of hashes that lie one after the other, in order. */
export function hashesToTexts(hashes: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < hashes.length; at += sha256Length) {
    texts.push(hashes.toString('base64', at, at + sha256Length))
  }
  return texts
}

// SHA-256 in the two spellings of the format: standard Base64 in JSON, URL-safe Base64 in archive entry names,
// both with their padding.
import { hash } from 'node:crypto'

export const HASH_BYTES = 32
export const EMPTY_HASH = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

export function sha256(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64')
}

/** Whether the text is the one standard Base64 spelling, padding included, of 32 bytes. */
export function isHash(text: string): boolean {
  const bytes = Buffer.from(text, 'base64')
  return text.length === 44 && bytes.length === HASH_BYTES && bytes.toString('base64') === text
}

/** The hash an entry name spells in the URL-safe alphabet, in the standard alphabet; undefined if it spells none. */
export function hashOfEntryName(name: string): string | undefined {
  if (/[+/]/.test(name)) return undefined
  const standard = name.replaceAll('-', '+').replaceAll('_', '/')
  return isHash(standard) ? standard : undefined
}

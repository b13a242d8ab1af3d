// Names are bytes on a machine and text in a backup. This is the one way between them, both ways: every byte string
// has a text of its own, and comes back from it unchanged.
//
// UTF-8 is its own text. A byte that is not part of valid UTF-8 becomes one character of U+EF80 to U+EFFF, the private
// range that the OPTU-8 encoding set apart for this (by the low seven bits of the byte: such bytes are 0x80 and up).
// Bytes that spell one of those very characters are taken byte by byte as well, so that no two names share a text.
// `/`, `.` and NUL are never made or hidden by this, so it may be applied to a part or to a whole path alike.
import { isAscii, isUtf8 } from 'node:buffer'

const firstEscape = 0xef80
const lastEscape = 0xefff
const escapes = /[\uef80-\uefff]/

/** True if the text of a name is simply its UTF-8. */
export function isPlainName(name: Uint8Array): boolean {
  return isAscii(name) || (isUtf8(name) && !escapes.test(textOf(name)))
}

/** The text of a name or path. */
export function nameToText(name: Uint8Array): string {
  if (isUtf8(name)) {
    const text = textOf(name)
    if (!escapes.test(text)) return text
  }
  let text = ''
  for (let at = 0; at < name.length;) {
    const character = characterAt(name, at)
    text += character ?? String.fromCharCode(firstEscape + ((name[at] ?? 0) - 0x80))
    at += character === undefined ? 1 : Buffer.byteLength(character)
  }
  return text
}

/** The bytes of a name or path. The text must be well-formed Unicode. */
export function textToName(text: string): Buffer {
  if (!escapes.test(text)) return Buffer.from(text)
  const pieces: Buffer[] = []
  for (const character of text) {
    const code = character.charCodeAt(0)
    const isEscape = code >= firstEscape && code <= lastEscape
    pieces.push(isEscape ? Buffer.of(code - firstEscape + 0x80) : Buffer.from(character))
  }
  return Buffer.concat(pieces)
}

/** The character whose UTF-8 begins at a place; undefined if there is none, or one of the escapes. */
function characterAt(bytes: Uint8Array, at: number): string | undefined {
  const sequence = bytes.subarray(at, at + sequenceLength(bytes[at] ?? 0))
  if (!isUtf8(sequence)) return undefined
  const character = textOf(sequence)
  return escapes.test(character) ? undefined : character
}

/** How long a sequence is by its first byte. A wrong first byte gives a length too, which is then no valid UTF-8. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}

function textOf(utf8: Uint8Array): string {
  return Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length).toString()
}

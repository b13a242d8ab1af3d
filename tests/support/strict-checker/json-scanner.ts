// A JSON scanner that loses nothing: the order of properties, repeated names, how a number was written, whitespace
// between tokens and escapes that were not needed. Readers of the format take file lists as token streams, so all of
// that is part of what must be right.
import { Unreadable } from './findings.ts'

export type JsonObject = { kind: 'object'; at: number; members: JsonMember[] }
export type JsonMember = { key: string; value: JsonValue }
export type JsonValue =
  | JsonObject
  | { kind: 'array'; at: number; items: JsonValue[] }
  | { kind: 'string'; at: number; text: string }
  | { kind: 'number'; at: number; raw: string }
  | { kind: 'word'; at: number; word: 'true' | 'false' | 'null' }

export type JsonDocument = {
  root: JsonValue
  hasBom: boolean
  /** Character positions, counted without the BOM, of the first offence of each sort. */
  whitespaceAt: number | undefined
  needlessEscapeAt: number | undefined
}

const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
const WHITESPACE = /[ \t\r\n]+/y
/** Escapes nobody needs: a slash, and characters that are neither controls, line separators nor halves of a pair. */
const ESCAPE = /\\(?:(\/)|u([0-9a-fA-F]{4})|.)/g

/** Scans one whole document of UTF-8, with or without BOM; throws Unreadable where it is not JSON. */
export function scanJson(bytes: Buffer): JsonDocument {
  const hasBom = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))
  const scanner = new Scanner(decode(hasBom ? bytes.subarray(3) : bytes))
  const root = scanner.document()
  return { root, hasBom, whitespaceAt: scanner.whitespaceAt, needlessEscapeAt: scanner.needlessEscapeAt }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new Unreadable('is not valid UTF-8', { cause: error })
  }
}

class Scanner {
  whitespaceAt: number | undefined
  needlessEscapeAt: number | undefined
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): JsonValue {
    const root = this.#value()
    this.#skipWhitespace()
    if (this.#at < this.#text.length) this.#fail('expected the end')
    return root
  }

  #value(): JsonValue {
    this.#skipWhitespace()
    const at = this.#at
    const first = this.#text[at]
    if (first === '{') return { kind: 'object', at, members: this.#series('}', () => this.#member()) }
    if (first === '[') return { kind: 'array', at, items: this.#series(']', () => this.#value()) }
    if (first === '"') return { kind: 'string', at, text: this.#string() }
    const word = this.#match(WORD)
    if (word === 'true' || word === 'false' || word === 'null') return { kind: 'word', at, word }
    const raw = this.#match(NUMBER)
    if (raw === undefined) this.#fail('expected a value')
    return { kind: 'number', at, raw }
  }

  #series<T>(close: string, item: () => T): T[] {
    const items: T[] = []
    this.#at += 1
    if (this.#took(close)) return items
    do items.push(item())
    while (this.#took(','))
    if (!this.#took(close)) this.#fail(`expected "," or "${close}"`)
    return items
  }

  #member(): JsonMember {
    this.#skipWhitespace()
    const key = this.#string()
    if (!this.#took(':')) this.#fail('expected ":"')
    return { key, value: this.#value() }
  }

  #string(): string {
    const at = this.#at
    const raw = this.#match(STRING)
    if (raw === undefined) this.#fail('expected a string')
    if (!raw.includes('\\')) return raw.slice(1, -1)
    if (hasNeedlessEscape(raw)) this.needlessEscapeAt ??= at
    return String(JSON.parse(raw))
  }

  #took(character: string): boolean {
    this.#skipWhitespace()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #skipWhitespace(): void {
    const at = this.#at
    if (this.#match(WHITESPACE) !== undefined) this.whitespaceAt ??= at
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #fail(expected: string): never {
    const found = JSON.stringify(this.#text.slice(this.#at, this.#at + 20))
    throw new Unreadable(`is not JSON at character ${this.#at}: ${expected}, found ${found}`)
  }
}

function hasNeedlessEscape(raw: string): boolean {
  return [...raw.matchAll(ESCAPE)].some(([, slash, hex]) => {
    if (slash !== undefined) return true
    const code = hex === undefined ? 0 : Number.parseInt(hex, 16)
    const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f)
    const isSeparator = code === 0x2028 || code === 0x2029
    const isHalfOfPair = code >= 0xd800 && code <= 0xdfff
    return !(isControl || isSeparator || isHalfOfPair)
  })
}

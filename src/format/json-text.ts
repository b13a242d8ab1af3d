// JSON in small: strings as stock Duplicati writes them, and documents that fit in memory.
import { isUtf8 } from 'node:buffer'
import { PullbackError } from '../base/errors.ts'

/** U+FEFF: what stock puts before every JSON document but the block list of a dindex. */
export const byteOrderMark = '\ufeff'

// Leaves a byte order mark out.
const utf8 = new TextDecoder()
// Printable ASCII but for `"` and `\`: a third of the time for what nearly every string is.
const plain = /^[ !#-[\]-~]*$/
const lineEnds = /[\u0085\u2028\u2029]/g

/**
 * A string as Newtonsoft.Json 13 writes it (JavaScriptUtils.cs): as JSON.stringify does, and with the
 * three line ends of Unicode escaped besides. A lone surrogate comes out escaped.
 */
export function jsonString(text: string): string {
  if (plain.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(
    lineEnds,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

interface DocumentLimits {
  /** Names the document in errors: "the file list". */
  readonly what: string
  readonly limitBytes: number
}

/** The value of a whole JSON document, with or without a byte order mark. Fails with VolumeDamaged. */
export function parseJson(bytes: Uint8Array, { what, limitBytes }: DocumentLimits): unknown {
  if (bytes.length > limitBytes) throw jsonDamaged(what, `is longer than ${limitBytes} bytes`)
  if (!isUtf8(bytes)) throw jsonDamaged(what, 'is not valid UTF-8')
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw jsonDamaged(what, 'is not valid JSON', error)
  }
}

/** A JSON object, whose properties may be anything. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A size: an integer, not negative, that a double holds exactly. */
export function isJsonSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The error for a document that cannot be used: what it is, and how it is wrong. */
export function jsonDamaged(what: string, how: string, cause?: unknown): PullbackError {
  return new PullbackError('VolumeDamaged', { what: `${what} ${how}`, cause })
}

// Reading scanned JSON against what the format demands: how the document is laid out, which properties an object has
// and in which order, and which kind of value each holds.
import { Unreadable, type Place } from './findings.ts'
import { isHash } from './hashes.ts'
import { scanJson, type JsonObject, type JsonValue } from './json-scanner.ts'

export type Layout = { bom: boolean; compact: boolean }

/** Scans a document and compares its layout with what Pullback writes; throws Unreadable if it is not JSON. */
export function readDocument(place: Place, bytes: Buffer, layout: Layout): JsonValue {
  const document = scanJson(bytes)
  if (document.hasBom !== layout.bom) {
    place.unlike(
      layout.bom ? 'expected a byte order mark, found none' : 'expected no byte order mark, found one',
    )
  }
  if (layout.compact && document.whitespaceAt !== undefined) {
    place.unlike(`expected no whitespace, found some at character ${document.whitespaceAt}`)
  }
  if (document.needlessEscapeAt !== undefined) {
    place.unlike(
      `expected no needless escape, found one in the string at character ${document.needlessEscapeAt}`,
    )
  }
  return document.root
}

export function asObject(value: JsonValue, what: string): JsonObject {
  if (value.kind !== 'object') throw new Unreadable(`${what}: expected an object, found ${kindOf(value)}`)
  return value
}

export function asArray(value: JsonValue, what: string): JsonValue[] {
  if (value.kind !== 'array') throw new Unreadable(`${what}: expected an array, found ${kindOf(value)}`)
  return value.items
}

export function asString(value: JsonValue, what: string): string {
  if (value.kind !== 'string') throw new Unreadable(`${what}: expected a string, found ${kindOf(value)}`)
  return value.text
}

export function asInteger(value: JsonValue, what: string): number {
  const raw = value.kind === 'number' ? value.raw : kindOf(value)
  const number = Number(raw)
  if (!/^(0|[1-9]\d*)$/.test(raw) || !Number.isSafeInteger(number)) {
    throw new Unreadable(`${what}: expected a plain integer, found ${raw}`)
  }
  return number
}

export function asBoolean(value: JsonValue, what: string): boolean {
  if (value.kind !== 'word' || value.word === 'null') {
    throw new Unreadable(`${what}: expected true or false, found ${kindOf(value)}`)
  }
  return value.word === 'true'
}

export function asHash(value: JsonValue, what: string): string {
  const text = asString(value, what)
  if (!isHash(text)) {
    throw new Unreadable(`${what}: expected 32 bytes in standard Base64 with padding, found "${text}"`)
  }
  return text
}

/** The value of a property; throws Unreadable if the object lacks it. */
export function property(object: JsonObject, name: string): JsonValue {
  const value = optionalProperty(object, name)
  if (value === undefined) throw new Unreadable(`has no "${name}"`)
  return value
}

export function optionalProperty(object: JsonObject, name: string): JsonValue | undefined {
  return object.members.find((member) => member.key === name)?.value
}

/** The names of the properties in the order they were written, for comparison and for sentences. */
export function propertyNames(object: JsonObject): string {
  return object.members.map((member) => member.key).join(', ')
}

function kindOf(value: JsonValue): string {
  return value.kind === 'word' ? value.word : `${/^[aeiou]/.test(value.kind) ? 'an' : 'a'} ${value.kind}`
}

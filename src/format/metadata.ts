// The metadata of an entry: a flat JSON object of strings, stored and deduplicated like a file's content. Written with
// the keys, the order and the byte order mark of stock Duplicati on Linux, so that equal facts give equal bytes; read
// leniently, because metadata that cannot be read must never keep the content from being restored.
//
// Two kinds of facts that stock's keys cannot hold have keys of our own, which stock passes over:
//   pullback:mode         all twelve permission bits, decimal; only where setuid, setgid or sticky is set
//   pullback:name         the bytes of the name, base64; only where they are not plain text (path-text.ts)
//   pullback:link-target  the bytes of the link's target, likewise
import { PullbackError } from '../base/errors.ts'
import { byteOrderMark, isJsonObject, jsonString, parseJson } from './json-text.ts'
import { isPlainName, nameToText } from './path-text.ts'
import { nsFromTicks, ticksFromNs } from './ticks.ts'

export interface MetadataFacts {
  readonly kind: 'file' | 'folder' | 'link'
  /** The last part of the path, as the machine spells it. */
  readonly name: Buffer
  /** The twelve permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Names of owner and group on that machine, where it tells. */
  readonly owner?: string
  readonly group?: string
  readonly modifiedNs: bigint
  /** Left out by sources that do not know it: then the time of change stands for it, as with stock on Linux. */
  readonly createdNs?: bigint
  /** Of a link, verbatim. */
  readonly linkTarget?: Buffer
  readonly linkToFolder?: boolean
  readonly extendedAttributes?: ReadonlyMap<string, Buffer>
}

/** What metadata tells; undefined is what it does not. */
export interface Metadata {
  readonly mode: number | undefined
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly owner: string | undefined
  readonly group: string | undefined
  readonly modifiedNs: bigint | undefined
  readonly createdNs: bigint | undefined
  readonly linkTarget: Buffer | undefined
  /** The bytes of the name, where text does not give them. */
  readonly name: Buffer | undefined
  readonly extendedAttributes: ReadonlyMap<string, Buffer>
  /** .NET FileAttributes: "Hidden, Directory". */
  readonly attributes: string | undefined
}

// Linux gives an entry at most 64 KiB of attribute names and 64 KiB a value; this is room for dozens of the largest.
const blobLimitBytes = 4 * 1024 * 1024

const attributePrefix = 'unix-ext:'
const dot = 0x2e
const specialBits = 0o7000
const plainBits = 0o777
const ownerWrites = 0o200

/** The blob that says nothing, as stock writes it where there is nothing to say. */
export const emptyMetadata = Buffer.from(`${byteOrderMark}{}`)

/** The metadata blob of an entry. It ends in no line end, and its first three bytes are the byte order mark. */
export function writeMetadata(facts: MetadataFacts): Buffer {
  return Buffer.from(metadataText(facts))
}

/** The same as text, of which the blob is the UTF-8 form. */
export function metadataText(facts: MetadataFacts): string {
  const { mode, owner, group, linkTarget } = facts
  const modified = ticksFromNs(facts.modifiedNs)
  const created = facts.createdNs === undefined ? modified : ticksFromNs(facts.createdNs)
  let json = `${byteOrderMark}{${extendedAttributesJson(facts.extendedAttributes)}`
  json += `"unix:uid-gid-perm":"${facts.uid}-${facts.gid}-${mode & plainBits}"`
  if (owner !== undefined) json += `,"unix:owner-name":${jsonString(owner)}`
  if (group !== undefined) json += `,"unix:group-name":${jsonString(group)}`
  json += `,"CoreAttributes":"${attributesOf(facts)}"`
  json += `,"CoreLastWritetime":"${modified}","CoreCreatetime":"${created}"`
  if (linkTarget !== undefined) json += `,"CoreSymlinkTarget":${jsonString(nameToText(linkTarget))}`
  if ((mode & specialBits) !== 0) json += `,"pullback:mode":"${mode}"`
  if (!isPlainName(facts.name)) json += `,"pullback:name":"${facts.name.toString('base64')}"`
  if (linkTarget !== undefined && !isPlainName(linkTarget)) {
    json += `,"pullback:link-target":"${linkTarget.toString('base64')}"`
  }
  return `${json}}`
}

/**
 * Reads a metadata blob. Values that cannot be understood are passed over; only what is no JSON object at all fails,
 * with BlockDamaged.
 */
export function readMetadata(bytes: Uint8Array): Metadata {
  const values = valuesOf(bytes)
  const [uid, gid, plainMode] = permissionsOf(values['unix:uid-gid-perm'])
  const rawTarget = bytesOf(values['pullback:link-target'])
  const target = textOf(values['CoreSymlinkTarget'])
  return {
    mode: numberOf(values['pullback:mode'], specialBits | plainBits) ?? plainMode,
    uid,
    gid,
    owner: textOf(values['unix:owner-name']),
    group: textOf(values['unix:group-name']),
    modifiedNs: timeOf(values['CoreLastWritetime']),
    createdNs: timeOf(values['CoreCreatetime']),
    linkTarget: rawTarget ?? (target === undefined ? undefined : Buffer.from(target)),
    name: bytesOf(values['pullback:name']),
    extendedAttributes: extendedAttributesOf(values),
    attributes: textOf(values['CoreAttributes']),
  }
}

/**
 * The names in the order of their bits, as .NET prints them. Stock asks whether the user that runs it may write; that
 * user is the owner here, so that the answer does not depend on who runs Pullback.
 */
function attributesOf({ kind, name, mode, linkToFolder }: MetadataFacts): string {
  const isFolder = kind === 'folder' || linkToFolder === true
  const attributes: string[] = []
  if ((mode & ownerWrites) === 0) attributes.push('ReadOnly')
  if (name[0] === dot) attributes.push('Hidden')
  if (isFolder) attributes.push('Directory')
  if (kind === 'link') attributes.push('ReparsePoint')
  return attributes.length === 0 ? 'Normal' : attributes.join(', ')
}

/** Stock leaves attributes out that are empty. */
function extendedAttributesJson(attributes: ReadonlyMap<string, Buffer> | undefined): string {
  if (attributes === undefined) return ''
  let json = ''
  for (const [name, value] of attributes) {
    if (value.length > 0) json += `${jsonString(attributePrefix + name)}:"${value.toString('base64')}",`
  }
  return json
}

function valuesOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const meaning =
    'Times, owner and mode of the entries that share it are lost; their content is not affected.'
  try {
    const values = parseJson(bytes, { what: 'the metadata', limitBytes: blobLimitBytes })
    if (isJsonObject(values)) return values
  } catch (error) {
    if (!(error instanceof PullbackError)) throw error
    throw new PullbackError('BlockDamaged', { what: error.what, meaning, cause: error })
  }
  throw new PullbackError('BlockDamaged', { what: 'the metadata is no object', meaning })
}

/** Numbers of owner and group and the nine permission bits, of the text that holds all three. */
function permissionsOf(value: unknown): (number | undefined)[] {
  const [, uid, gid, mode] = /^(\d+)-(\d+)-(\d+)$/.exec(textOf(value) ?? '') ?? []
  return [numberOf(uid, 0xffff_ffff), numberOf(gid, 0xffff_ffff), numberOf(mode, plainBits)]
}

function numberOf(value: unknown, largest: number): number | undefined {
  const number = /^\d{1,10}$/.test(textOf(value) ?? '') ? Number(value) : largest + 1
  return number <= largest ? number : undefined
}

/** Tick 0 is how an unknown time is written. */
function timeOf(value: unknown): bigint | undefined {
  const text = textOf(value) ?? ''
  return /^\d{1,19}$/.test(text) && !/^0+$/.test(text) ? nsFromTicks(BigInt(text)) : undefined
}

function extendedAttributesOf(values: Readonly<Record<string, unknown>>): ReadonlyMap<string, Buffer> {
  const attributes = new Map<string, Buffer>()
  for (const key of Object.keys(values)) {
    const value = key.startsWith(attributePrefix) ? bytesOf(values[key]) : undefined
    if (value !== undefined) attributes.set(key.slice(attributePrefix.length), value)
  }
  return attributes
}

function bytesOf(value: unknown): Buffer | undefined {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

// A dindex says what its dblock holds, so that a restore need not download it to know: `vol/` entries with the blocks
// of a dblock, `list/` entries with the contents of blocklists. Writes exactly what stock does (IndexVolumeWriter.cs:
// the order of properties is part of the format) and reads what any writer may have left.
import { assert } from '../base/assert.ts'
import { sha256Length } from '../base/hash.ts'
import { hashFromText, hashToText } from './hash-text.ts'
import { JsonElements } from './json-elements.ts'
import { isJsonObject, isJsonSize, jsonDamaged } from './json-text.ts'

export interface BlockSize {
  readonly hash: Buffer
  readonly sizeBytes: number
}

export interface VolumeContents {
  /** Every block of the dblock: content, metadata and blocklists alike. */
  readonly blocks: Iterable<BlockSize>
  /** SHA-256 of the dblock as it lies at the destination, encrypted if it is. */
  readonly volumeHash: Buffer
  readonly volumeSizeBytes: number
}

export interface ReadVolumeContents {
  readonly blocks: readonly BlockSize[]
  /** Undefined where the writer did not know. */
  readonly volumeHash: Buffer | undefined
  readonly volumeSizeBytes: number | undefined
}

/** What an entry of a dindex is for, by its name. */
export type DindexEntry =
  | { readonly kind: 'vol'; readonly dblockName: string }
  | { readonly kind: 'list'; readonly hash: Buffer }

// At some 80 bytes a block, 800,000 blocks: a dblock of 800 GB at blocks of 1 MiB, of 8 GB at 10 KiB.
const volLimitBytes = 64 * 1024 * 1024

/** The entry that describes a dblock, by its full remote name. */
export function volEntryName(dblockName: string): string {
  return `vol/${dblockName}`
}

/** The entry that repeats a blocklist. */
export function listEntryName(hash: Buffer): string {
  return `list/${hashToText(hash).replaceAll('+', '-').replaceAll('/', '_')}`
}

/** What an entry is for; undefined for `manifest` and all that is unknown. Old writers used `\` in names. */
export function dindexEntry(name: string): DindexEntry | undefined {
  const [, kind, rest] = /^(vol|list)[\\/]([^\\/]+)$/.exec(name) ?? []
  if (rest === undefined) return undefined
  if (kind === 'vol') return { kind, dblockName: rest }
  const hash = hashFromText(rest)
  return hash && { kind: 'list', hash }
}

/** The content of a `vol/` entry. It has no byte order mark, alone among stock's documents. */
export function volJson({ blocks, volumeHash, volumeSizeBytes }: VolumeContents): Buffer {
  assert(volumeHash.length === sha256Length, 'a volume has a hash')
  let json = '{"blocks":['
  let separator = ''
  for (const { hash, sizeBytes } of blocks) {
    assert(hash.length === sha256Length, 'a block has a hash')
    json += `${separator}{"hash":"${hashToText(hash)}","size":${sizeBytes}}`
    separator = ','
  }
  json += `],"volumehash":"${hashToText(volumeHash)}","volumesize":${volumeSizeBytes}}`
  return Buffer.from(json, 'latin1')
}

/** What a `vol/` entry says. Fails with VolumeDamaged. */
export function readVol(bytes: Uint8Array): ReadVolumeContents {
  if (bytes.length > volLimitBytes) throw damaged('is longer than 64 MiB')
  const elements = new JsonElements('the block list')
  const blocks: BlockSize[] = []
  for (const run of elements.push(bytes)) {
    for (const element of run) blocks.push(blockOf(element))
  }
  const frame = elements.end()
  if (!isJsonObject(frame) || !Array.isArray(frame['blocks'])) throw damaged('does not name its blocks')
  return { blocks, ...volumeOf(frame) }
}

function blockOf(element: unknown): BlockSize {
  if (!isJsonObject(element)) throw damaged('has a block that is no object')
  const hash = hashFromText(element['hash'])
  const size = element['size']
  if (hash === undefined || !isJsonSize(size)) throw damaged('has a block without hash or size')
  return { hash, sizeBytes: size }
}

function volumeOf(
  frame: Readonly<Record<string, unknown>>,
): Pick<ReadVolumeContents, 'volumeHash' | 'volumeSizeBytes'> {
  const hash = frame['volumehash']
  const size = frame['volumesize']
  const volumeHash = hashFromText(hash)
  if (hash !== undefined && volumeHash === undefined) throw damaged('has a volume hash that is no SHA-256')
  if (size !== undefined && !isJsonSize(size)) throw damaged('has a volume size that is none')
  return { volumeHash, volumeSizeBytes: size }
}

function damaged(how: string): Error {
  return jsonDamaged('the block list', how)
}

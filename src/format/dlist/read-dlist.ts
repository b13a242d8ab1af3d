// Reads the file list of a version in bounded memory, as any release of stock Duplicati since manifest version 1 or
// another program may have written it: properties in any order, unknown ones and entries of unknown type passed over.
// Paths are handed out as they are written, dangerous ones too: what may be restored is for path-safety.ts to say, and
// whether an entry names as many blocklists as its size asks for is for those who know the block size.
import { hashFromText } from '../hash-text.ts'
import { JsonElements } from '../json-elements.ts'
import { pathMaxBytes } from '../path-safety.ts'
import { isJsonObject, isJsonSize, jsonDamaged, parseJson } from '../json-text.ts'
import { entryTimeSeconds, type DlistEntry, type DlistKind, unknownTime } from './dlist-entry.ts'

// One short property.
const filesetLimitBytes = 64 * 1024

const kinds = new Map<string, DlistKind>([
  ['file', 'File'],
  ['folder', 'Folder'],
  ['symlink', 'Symlink'],
])

/**
 * The entries of a `filelist.json`, in runs, in the order they are listed. Fails with VolumeDamaged, perhaps after many
 * good runs: the list is whole only when the end is reached.
 */
export async function* readDlist(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<DlistEntry[]> {
  const elements = new JsonElements('the file list')
  for await (const chunk of chunks) {
    for (const run of elements.push(chunk)) yield entriesOf(run)
  }
  if (!Array.isArray(elements.end())) throw damaged('is not a list')
}

/** What a `fileset` says. A list without one, or without the property, is of a full backup. */
export function readFileset(bytes: Uint8Array): { readonly isFullBackup: boolean } {
  const fileset = parseJson(bytes, { what: 'the fileset entry', limitBytes: filesetLimitBytes })
  return { isFullBackup: !isJsonObject(fileset) || fileset['IsFullBackup'] !== false }
}

function entriesOf(run: readonly unknown[]): DlistEntry[] {
  const entries: DlistEntry[] = []
  for (const element of run) {
    if (!isJsonObject(element)) throw damaged('has an entry that is no object')
    const kind = kindOf(element['type'])
    if (kind !== undefined) entries.push(entryOf(kind, element))
  }
  return entries
}

function kindOf(type: unknown): DlistKind | undefined {
  if (typeof type !== 'string') throw damaged('has an entry without a type')
  return kinds.get(type) ?? kinds.get(type.toLowerCase())
}

function entryOf(kind: DlistKind, element: Readonly<Record<string, unknown>>): DlistEntry {
  const path = pathOf(element['path'])
  const isFile = kind === 'File'
  const hasMetadata = element['metahash'] !== undefined
  return {
    kind,
    path,
    hash: isFile ? hashOf(element['hash']) : undefined,
    sizeBytes: isFile ? sizeOf(element['size']) : 0,
    blocklists: isFile ? hashesOf(element['blocklists']) : undefined,
    modifiedSeconds: isFile ? entryTimeSeconds(element['time']) : unknownTime,
    metaHash: hasMetadata ? hashOf(element['metahash']) : undefined,
    metaSizeBytes: hasMetadata ? sizeOf(element['metasize']) : 0,
    metaBlocklists: hasMetadata ? hashesOf(element['metablocklists']) : undefined,
  }
}

function pathOf(path: unknown): string {
  if (typeof path !== 'string' || path === '') throw damaged('has an entry without a path')
  if (path.includes('\0')) throw damaged('has a path with a zero byte')
  if (!path.isWellFormed()) throw damaged('has a path that is no text')
  // No character takes more than three bytes for each of its UTF-16 units, so that most paths need no counting.
  if (path.length * 3 > pathMaxBytes && Buffer.byteLength(path) > pathMaxBytes) {
    throw damaged('has a path of more than 64 KiB')
  }
  return path
}

function hashOf(text: unknown): Buffer {
  const hash = hashFromText(text)
  if (hash === undefined) throw damaged('has a hash that is no SHA-256')
  return hash
}

function hashesOf(texts: unknown): Buffer | undefined {
  if (texts === undefined) return undefined
  if (!Array.isArray(texts)) throw damaged('has blocklists that are no list')
  return texts.length === 0 ? undefined : Buffer.concat(texts.map(hashOf))
}

function sizeOf(size: unknown): number {
  if (!isJsonSize(size)) throw damaged('has a size that is none')
  return size
}

function damaged(how: string): Error {
  return jsonDamaged('the file list', how)
}

// A dlist: one version of the backup. Every entry of its file list is followed to its metadata and its content.
import type { ContentChecker } from './content.ts'
import { expectOrder } from './entry-order.ts'
import { FileTree } from './file-tree.ts'
import { readEntry, type EntryType, type ListedEntry } from './filelist-entry.ts'
import { Unreadable, type Place } from './findings.ts'
import { asArray, asBoolean, asObject, property, propertyNames, readDocument } from './json-values.ts'
import { compareMetadata, readMetadata, type Metadata } from './metadata.ts'
import type { Volume } from './volume-reader.ts'

export type VersionReport = {
  /** The dlist's file name. */
  name: string
  timeMs: number
  full: boolean
  entries: number
  files: number
  /** Sum of the sizes of all files. */
  bytes: number
}

/** An entry as a caller may want to compare it with the tree that was backed up. */
export type SeenEntry = {
  type: EntryType
  path: string
  /** Files only: standard Base64 of the SHA-256, size in bytes, seconds since 1970. */
  hash?: string
  sizeBytes?: number
  timeSeconds?: number
  metadata: Metadata
}

const ORDERS = [
  'manifest fileset filelist.json',
  'manifest fileset extra/ filelist.json',
  'manifest extra/ fileset filelist.json',
]
const NO_METADATA: Metadata = new Map()

export class DlistChecker {
  readonly #contents: ContentChecker
  readonly #eachEntry: (entry: SeenEntry, version: string) => void
  /** Blobs are shared by many entries of many versions. */
  readonly #metadata = new Map<string, Metadata>()

  constructor(contents: ContentChecker, eachEntry: (entry: SeenEntry, version: string) => void) {
    this.#contents = contents
    this.#eachEntry = eachEntry
  }

  /** Checks a whole version; undefined if it has no file list that can be read. */
  check(volume: Volume): VersionReport | undefined {
    const { place, name } = volume
    expectOrder(place, volume.entries, { folders: ['extra/'], oneOf: ORDERS })
    for (const { name: extra, content } of volume.entries) {
      if (extra.startsWith('extra/')) place.at(`entry "${extra}"`).attempt('broken', content)
    }
    const report = {
      name: name.name,
      timeMs: name.timeMs ?? 0,
      full: isFull(volume),
      entries: 0,
      files: 0,
      bytes: 0,
    }
    const listPlace = place.at('filelist.json')
    const tree = new FileTree(listPlace, report.full)
    const items = listPlace.attempt('broken', () =>
      asArray(
        readDocument(listPlace, contentOf(volume, 'filelist.json'), { bom: true, compact: true }),
        'list',
      ),
    )
    if (items === undefined) return undefined
    for (const [index, item] of items.entries()) {
      const here = listPlace.at(`[${index}]`)
      const entry = here.attempt('broken', () => readEntry(asObject(item, 'entry'), here))
      if (entry === undefined) continue
      tree.add(entry.type, entry.path)
      report.entries += 1
      report.files += entry.type === 'File' ? 1 : 0
      report.bytes += entry.content?.sizeBytes ?? 0
      this.#follow(entry, listPlace.at(`path ${JSON.stringify(entry.path)}`), name.name)
    }
    tree.checkWhole()
    return report
  }

  #follow(entry: ListedEntry, place: Place, version: string): void {
    const metadata = this.#metadataOf(entry, place.at('metadata'))
    if (metadata !== undefined) compareMetadata(entry, metadata, place.at('metadata'))
    const { type, path, content, timeSeconds } = entry
    if (content !== undefined) this.#contents.check(content, place.at('content'))
    this.#eachEntry(
      {
        type,
        path,
        ...(content !== undefined && { hash: content.hash, sizeBytes: content.sizeBytes }),
        ...(timeSeconds !== undefined && { timeSeconds }),
        metadata: metadata ?? NO_METADATA,
      },
      version,
    )
  }

  #metadataOf(entry: ListedEntry, place: Place): Metadata | undefined {
    const { hash, sizeBytes, blocklists } = entry.metadata
    const key = `${hash} ${sizeBytes} ${blocklists.join(' ')}`
    const known = this.#metadata.get(key)
    if (known !== undefined) return known
    if (blocklists.length > 1) place.broken(`at most one blocklist expected, found ${blocklists.length}`)
    const blob = this.#contents.read(entry.metadata, place)
    const metadata = blob && place.attempt('broken', () => readMetadata(blob, place))
    if (metadata !== undefined) this.#metadata.set(key, metadata)
    return metadata
  }
}

function isFull(volume: Volume): boolean {
  const place = volume.place.at('fileset')
  if (!volume.entries.some((entry) => entry.name === 'fileset')) {
    place.unlike('expected, found none')
    return true
  }
  const full = place.attempt('broken', () => {
    const fileset = asObject(
      readDocument(place, contentOf(volume, 'fileset'), { bom: true, compact: true }),
      'fileset',
    )
    const names = propertyNames(fileset)
    if (names !== 'IsFullBackup') place.unlike(`properties expected "IsFullBackup", found "${names}"`)
    return asBoolean(property(fileset, 'IsFullBackup'), 'IsFullBackup')
  })
  return full ?? true
}

function contentOf(volume: Volume, name: string): Buffer {
  const entry = volume.entries.find((candidate) => candidate.name === name)
  if (entry === undefined) throw new Unreadable('expected, found none')
  return entry.content()
}

// How the suite uses a source: lists a whole tree, finds an entry of it, reads a file as a patient caller would.
import { assert } from '../../base/assert.ts'
import { neverAborted } from '../../base/abort.ts'
import type { FileState, FolderListing, Source, SourceEntry } from '../source.ts'

export async function listAll(source: Source): Promise<FolderListing[]> {
  return Array.fromAsync(source.scan({ signal: neverAborted(), enter: () => true }))
}

export interface Found {
  readonly path: Buffer
  readonly entry: SourceEntry
}

/** Every entry that a scan gives, by its path in Latin-1. */
export async function entriesOf(source: Source): Promise<Map<string, Found>> {
  const found = new Map<string, Found>()
  for (const listing of await listAll(source)) {
    for (const entry of listing.entries) {
      const path = joined(listing.path, entry.name)
      found.set(path.toString('latin1'), { path, entry })
    }
  }
  return found
}

export async function entryAt(source: Source, path: string): Promise<Found> {
  const found = (await entriesOf(source)).get(Buffer.from(path).toString('latin1'))
  assert(found, `the scan lists ${path}`)
  return found
}

export interface ReadFile {
  readonly content: Buffer
  readonly after: FileState
}

export async function readFile(source: Source, file: Found, signal = neverAborted()): Promise<ReadFile> {
  const reading = await source.read(file, signal)
  const chunks: Buffer[] = []
  // Copied, because a chunk is valid only until the next one is asked for.
  for await (const chunk of reading.chunks) chunks.push(Buffer.from(chunk))
  return { content: Buffer.concat(chunks), after: reading.after() }
}

export function stateOf({ sizeBytes, modifiedNs }: FileState): FileState {
  return { sizeBytes, modifiedNs }
}

/** Bytes that repeat only after 16 MiB, so that a piece at the wrong place is seen. */
export function pattern(lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes)
  for (let at = 0; at + 4 <= lengthBytes; at += 4)
    bytes.writeUInt32LE(Math.imul(at >>> 2, 0x9e3779b1) >>> 0, at)
  return bytes
}

function joined(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name])
}

// Writes the file list of a version, byte for byte as stock Duplicati 2.0.8.1 does where both know the same. The order
// of properties is part of the format: stock reads them one after the other, and drops the whole list at the first
// that it does not expect (FilesetVolumeReader.cs). BlockHash and FileHash are both SHA-256, so the hash of a single
// block is never told apart from the hash of its content.
import { assert } from '../../base/assert.ts'
import { sha256Length } from '../../base/hash.ts'
import { blocklistCount } from '../blocklist.ts'
import { hashesToTexts, hashToText } from '../hash-text.ts'
import { byteOrderMark, jsonString } from '../json-text.ts'
import { entryTimeText, type DlistEntry } from './dlist-entry.ts'

// Characters put together before they are handed on as bytes.
const pieceLength = 64 * 1024

/** The bytes of `filelist.json`, in pieces. Each path must come once; their order is free. */
export function* dlistBytes(entries: Iterable<DlistEntry>, blocksizeBytes: number): Generator<Buffer> {
  let text = `${byteOrderMark}[`
  let separator = ''
  for (const entry of entries) {
    assertBlocklistCounts(entry, blocksizeBytes)
    text += separator + dlistEntryJson(entry)
    separator = ','
    if (text.length < pieceLength) continue
    yield Buffer.from(text)
    text = ''
  }
  yield Buffer.from(`${text}]`)
}

/** One entry of the list. */
export function dlistEntryJson(entry: DlistEntry): string {
  const { kind, path, hash, metaHash } = entry
  assert(path.isWellFormed() && !path.includes('\0'), 'the path of an entry is text without a zero byte')
  assert(metaHash?.length === sha256Length, 'every entry has metadata')
  let json = `{"type":"${kind}","path":${jsonString(path)}`
  if (kind === 'File') {
    assert(hash?.length === sha256Length, 'every file has a hash')
    const time = entryTimeText(entry.modifiedSeconds)
    json += `,"hash":"${hashToText(hash)}","size":${entry.sizeBytes},"time":"${time}"`
  }
  const metaHashText = hashToText(metaHash)
  json += `,"metahash":"${metaHashText}","metasize":${entry.metaSizeBytes}`
  if (entry.metaBlocklists !== undefined) json += blocklistsJson('metablocklists', entry.metaBlocklists)
  // Repeats the hash; stock leaves it out for files only.
  else if (kind !== 'File') json += `,"metablockhash":"${metaHashText}"`
  if (entry.blocklists !== undefined) json += blocklistsJson('blocklists', entry.blocklists)
  return `${json}}`
}

/** The bytes of `fileset`. False is for a version that was stopped before it had seen everything. */
export function filesetJson({ isFullBackup }: { readonly isFullBackup: boolean }): Buffer {
  return Buffer.from(`${byteOrderMark}{"IsFullBackup":${isFullBackup}}`)
}

function blocklistsJson(name: string, hashes: Buffer): string {
  assert(hashes.length > 0 && hashes.length % sha256Length === 0, 'hashes come whole')
  return `,"${name}":["${hashesToTexts(hashes).join('","')}"]`
}

function assertBlocklistCounts(entry: DlistEntry, blocksizeBytes: number): void {
  const { kind, sizeBytes, blocklists, metaSizeBytes, metaBlocklists } = entry
  const contentCount = kind === 'File' ? blocklistCount(sizeBytes, blocksizeBytes) : 0
  const metaCount = blocklistCount(metaSizeBytes, blocksizeBytes)
  assert(hashCount(blocklists) === contentCount, 'an entry names the blocklists that its size asks for')
  assert(hashCount(metaBlocklists) === metaCount, 'metadata names the blocklists that its size asks for')
}

function hashCount(hashes: Buffer | undefined): number {
  return (hashes?.length ?? 0) / sha256Length
}

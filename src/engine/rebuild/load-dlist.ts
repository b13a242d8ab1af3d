// Puts one file list into an index as the next version: what is as it was in the version before costs nothing, what
// differs ends the old row and begins a new one. Lists must come oldest first.
import { unknownTime, type DlistEntry } from '../../format/dlist/dlist-entry.ts'
import {
  unknownModifiedUs,
  type EntryFacts,
  type EntryKind,
  type EntryRow,
} from '../../index-db/entry-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import { splitPath } from '../split-path.ts'
import type { ListedDlist } from '../volumes/list-volumes.ts'
import { gapsOf, isFullVersion, readFileList } from '../volumes/read-file-list.ts'
import type { OpenVolume } from '../volumes/read-volume-file.ts'

/** As in a backup run: a file that changed within two seconds before its version's time is read again. */
const racyWindowMs = 2000

const kindOf: Readonly<Record<DlistEntry['kind'], EntryKind>> = {
  File: 'file',
  Folder: 'folder',
  Symlink: 'link',
}

export async function loadDlist(
  index: Index,
  dlist: ListedDlist & { readonly sha256: Buffer },
  open: OpenVolume,
): Promise<void> {
  index.set('blocksize', String(open.manifest.blocksize))
  // There is nothing that the first of all versions could have in common with one before.
  const isFirst = index.versions.all().length === 0
  const versionId = index.versions.begin(dlist.timeMs)
  const seen = isFirst ? undefined : index.entries.beginSeen()
  const folders = new Map<string, number>()
  for await (const batch of readFileList(open)) {
    for (const entry of batch) {
      const { folderText, name } = splitPath(entry.path)
      let folderId = folders.get(folderText)
      if (folderId === undefined) {
        folderId = index.entries.folderId(folderText)
        folders.set(folderText, folderId)
      }
      const facts = factsOf(entry, dlist.timeMs)
      const row = isFirst ? undefined : index.entries.liveOne(folderId, name)
      seen?.add(folderId, name)
      if (row && sameFacts(row, facts)) continue
      if (row) index.entries.end(row, versionId)
      index.entries.add({ folderId, name, since: versionId }, facts)
    }
  }
  seen?.endOthers(versionId)
  for (const gap of gapsOf(open)) index.gaps.add(versionId, gap)
  const { name, sizeBytes, sha256 } = dlist
  const dlistId = index.volumes.addPresent({ name, kind: 'dlist', sizeBytes, sha256 })
  index.versions.announce(versionId, { isFull: isFullVersion(open), dlistId })
  index.versions.complete(versionId)
}

function factsOf(entry: DlistEntry, versionTimeMs: number): EntryFacts {
  const { modifiedSeconds } = entry
  return {
    kind: kindOf[entry.kind],
    sizeBytes: entry.sizeBytes,
    modifiedUs: modifiedSeconds === unknownTime ? unknownModifiedUs : modifiedSeconds * 1_000_000,
    hash: entry.hash,
    blocklists: entry.blocklists,
    metaHash: entry.metaHash,
    metaSizeBytes: entry.metaSizeBytes,
    metaBlocklists: entry.metaBlocklists,
    racy: entry.kind === 'File' && modifiedSeconds * 1000 >= versionTimeMs - racyWindowMs,
  }
}

function sameFacts(row: EntryRow, facts: EntryFacts): boolean {
  return (
    row.kind === facts.kind &&
    row.sizeBytes === facts.sizeBytes &&
    // Metadata that say nothing are the same whatever the time.
    row.modifiedUs === facts.modifiedUs &&
    sameBytes(row.hash, facts.hash) &&
    sameBytes(row.metaHash, facts.metaHash)
  )
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a && b ? a.equals(b) : a === b
}

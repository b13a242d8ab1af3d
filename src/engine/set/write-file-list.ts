// The dlist of a version: every entry with its hashes, streamed out of the index, never a whole list in memory. Like
// any volume it is read back before it is given out.
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '../../base/abort.ts'
import { PullbackError } from '../../base/errors.ts'
import type { Randomness } from '../../base/randomness.ts'
import { filelistName, filesetName, unknownTime, type DlistEntry } from '../../format/dlist/dlist-entry.ts'
import { gapsJson, gapsName } from '../../format/dlist/gaps.ts'
import { dlistBytes, filesetJson } from '../../format/dlist/write-dlist.ts'
import { DeflatePieces } from '../../format/zip/deflate-pieces.ts'
import { unknownModifiedUs, type EntryKind, type PathRow } from '../../index-db/entry-table.ts'
import type { GapRow } from '../../index-db/gap-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { Spool } from '../spool.ts'
import { readFileList } from '../volumes/read-file-list.ts'
import { openVolumeFile } from '../volumes/read-volume-file.ts'
import type { FinishedFile, VolumeProfile } from '../volumes/volume-profile.ts'
import { spoolCall } from '../volumes/spool-call.ts'
import { VolumeFileWriter } from '../volumes/write-volume-file.ts'

interface FileListOrder {
  readonly index: Index
  readonly versionId: number
  readonly isFull: boolean
  readonly name: string
  readonly spool: Spool
  readonly profile: VolumeProfile
  readonly randomness: Randomness
  readonly signal: AbortSignal
  /** An entry as the list is to have it; undefined: it is left out. */
  readonly entryAs?: (row: PathRow) => PathRow | undefined
  /** Besides those that the index has. */
  readonly moreGaps?: readonly GapRow[]
}

const copyBytes = 1 << 20
const kindNames: Readonly<Record<EntryKind, DlistEntry['kind']>> = {
  file: 'File',
  folder: 'Folder',
  link: 'Symlink',
}

export async function writeFileList(order: FileListOrder): Promise<FinishedFile> {
  const { index, versionId, spool, profile, name, entryAs = (row) => row, moreGaps = [] } = order
  const json = spool.path('filelist.deflated')
  const descriptor = spoolCall(json, () => openSync(json, 'wx+', 0o600))
  let entries = 0
  function* counted(): Generator<DlistEntry> {
    for (const row of index.entries.ofVersion(versionId)) {
      const as = entryAs(row)
      if (!as) continue
      entries += 1
      yield dlistEntryOf(as)
    }
  }
  const pieces = new DeflatePieces(Math.max(1, profile.level), (piece) => {
    for (let done = 0; done < piece.byteLength;) {
      const at = done
      done += spoolCall(json, () => writeSync(descriptor, piece, at))
    }
  })
  try {
    for (const bytes of dlistBytes(counted(), profile.blocksize)) {
      pieces.add(bytes)
      // A list may take half a minute: uploads and signals get their turn.
      await setImmediate()
      throwIfAborted(order.signal)
    }
    const deflated = pieces.finish()
    const writer = new VolumeFileWriter(spool.path(name), profile, order.randomness)
    writer.zip.add(filesetName, filesetJson({ isFullBackup: order.isFull }), { level: profile.level })
    if (index.gaps.has(versionId) || moreGaps.length > 0) {
      // One by one: a dead disk makes a gap of every file.
      const gaps = gapsJson(allGaps(order))
      writer.zip.add(gapsName, gaps, { level: Math.max(1, profile.level) })
    }
    writer.zip.addDeflated(filelistName, deflated, fileInPieces(json, descriptor))
    const file = writer.finish()
    await checkFileList(file, { name, entries, passphrase: profile.passphrase })
    return file
  } finally {
    closeSync(descriptor)
    spool.remove(json)
  }
}

function* allGaps({ index, versionId, moreGaps = [] }: FileListOrder): Generator<GapRow> {
  yield* index.gaps.of(versionId)
  yield* moreGaps
}

function dlistEntryOf(row: PathRow): DlistEntry {
  const { path, sizeBytes, hash, blocklists, metaHash, metaSizeBytes, metaBlocklists } = row
  const isKnown = row.modifiedUs !== unknownModifiedUs
  const modifiedSeconds = isKnown ? Math.floor(row.modifiedUs / 1_000_000) : unknownTime
  const kind = kindNames[row.kind]
  return { kind, path, sizeBytes, hash, blocklists, modifiedSeconds, metaHash, metaSizeBytes, metaBlocklists }
}

function* fileInPieces(path: string, descriptor: number): IterableIterator<Buffer> {
  const piece = Buffer.allocUnsafe(copyBytes)
  for (let at = 0; ;) {
    const position = at
    const got = spoolCall(path, () => readSync(descriptor, piece, 0, piece.length, position))
    if (got === 0) return
    at += got
    yield piece.subarray(0, got)
  }
}

async function checkFileList(
  file: FinishedFile,
  wanted: { name: string; entries: number; passphrase: string | undefined },
): Promise<void> {
  const { name, entries, passphrase } = wanted
  const volume = openVolumeFile({ path: file.path, name, passphrase })
  let found = 0
  try {
    for await (const batch of readFileList(volume)) found += batch.length
  } finally {
    volume.close()
  }
  if (found === entries) return
  throw new PullbackError('WriteCheckFailed', {
    what: `the file list ${name} did not read back as it was written: ${found} entries of ${entries}`,
    subject: name,
  })
}

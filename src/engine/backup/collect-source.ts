// Goes through one source, folder by folder, compares each with what the last version says of it, reads what is new or
// has changed, and writes down what the new version holds. What did not change costs no write at all.
//
// A file is read when it is new, when its length or time differ, or when it changed so shortly before it was last read
// that its time could not tell (racy). An entry that cannot be stored is listed as a gap and the run goes on; a source
// that is lost as a whole ends this function with a `source-gone` error.
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { isCompressibleName } from '../../format/compressible.ts'
import { excessOf } from '../../format/path-safety.ts'
import { nameToText } from '../../format/path-text.ts'
import type { GoneEntries, GoneReason, SureEntries } from '../../index-db/entry-notes.ts'
import type { EntryRow } from '../../index-db/entry-table.ts'
import type { Index } from '../../index-db/open-index.ts'
import type { FileReading, FolderListing, Source, SourceEntry } from '../../sources/source.ts'
import type { RunContext } from '../run-context.ts'
import type { BackupSource } from './backup-job.ts'
import type { ContentStore, StoredContent } from './content-store.ts'
import {
  isStorable,
  metadataOf,
  microseconds,
  type EntryMetadata,
  type StorableEntry,
} from './entry-facts.ts'
import { EntryChoice } from '../select/entry-choice.ts'
import type { SelectionRules } from '../select/selection-rules.ts'
import { WaitingFolders } from '../select/waiting-folders.ts'
import { splitPath } from '../split-path.ts'
import type { RereadTurn } from './reread-turn.ts'
import { ReadQueue, type QueuedFile } from './read-queue.ts'
import type { Tally } from './tally.ts'

export interface Collection {
  readonly rules: SelectionRules
  readonly index: Index
  readonly versionId: number
  /** Undefined in a dry run: nothing is read or stored. */
  readonly store: ContentStore | undefined
  readonly tally: Tally
  readonly run: RunContext
  /** Sentences for the report. */
  readonly warnings: string[]
  readonly turn: RereadTurn
  /** Takes what the new version does not hold, to be ended when the source was seen to its end. */
  readonly gone: GoneEntries
  /** Takes what was read again and is as it was. */
  readonly sure: SureEntries
}

/** Over SFTP times are whole seconds, and clocks of two machines are read a moment apart. */
const racyWindowNs = 2_000_000_000n

/** A file that changes while it is read is read this often in all, then stored as it came. */
const maxReadings = 3

export async function collectSource(backedUp: BackupSource, collection: Collection): Promise<void> {
  const { source, mountPath } = backedUp
  const { run } = collection
  run.progress.phase = 'connecting'
  run.progress.subject = source.label
  const root = await source.open(run.signal)
  run.progress.phase = 'reading files'
  const choice = new EntryChoice(collection.rules, [mountPath, backedUp.machinePath ?? mountPath])
  const collector = new SourceCollector(source, collection, {
    choice,
    racyFromNs: root.clockNs - racyWindowNs,
  })
  await collector.collect(root.entry, mountPath)
  collection.warnings.push(...choice.warnings())
}

/** Where an entry stands in the index. */
interface Place {
  readonly folderId: number
  /** Folders with their trailing separator. */
  readonly name: string
  /** Whole path, for people. */
  readonly pathText: string
  readonly row: EntryRow | undefined
  /** What the last version has there of another kind, a file where a folder is now or the other way round. */
  readonly replaces: EntryRow | undefined
}

interface PlacedEntry {
  readonly entry: SourceEntry
  readonly place: Place
}

interface FileToRead {
  readonly place: Place
  readonly metadata: EntryMetadata
}

class SourceCollector {
  readonly #source: Source
  readonly #to: Collection
  readonly #racyFromNs: bigint
  readonly #queue: ReadQueue<FileToRead>
  readonly #choice: EntryChoice
  readonly #folders = new WaitingFolders<PlacedEntry>()
  #rootText = ''
  #considered = 0
  #leftOut = 0

  constructor(
    source: Source,
    collection: Collection,
    { choice, racyFromNs }: { choice: EntryChoice; racyFromNs: bigint },
  ) {
    this.#choice = choice
    this.#source = source
    this.#to = collection
    this.#racyFromNs = racyFromNs
    this.#queue = new ReadQueue({
      source,
      signal: collection.run.signal,
      use: (file, reading) => this.#storeFile(file, reading),
    })
  }

  async collect(root: SourceEntry, mountPath: string): Promise<void> {
    const isFolder = root.kind === 'folder'
    this.#rootText = isFolder && mountPath !== '/' ? `${mountPath}/` : mountPath
    const { folderText, name } = splitPath(this.#rootText)
    const folderId = this.#to.index.entries.folderId(folderText)
    const row = this.#to.index.entries.liveOne(folderId, name)
    const other = this.#to.index.entries.liveOne(folderId, otherKind(name))
    this.#to.run.progress.filesFound += 1
    // A folder that became a file has lost all it held: that is for the guard to judge when the file has been read.
    const replaces = isFolder ? other : undefined
    await this.#consider(root, Buffer.alloc(0), { folderId, name, pathText: this.#rootText, row, replaces })
    if (other) this.#remove(other, folderText, 'removed')
    if (isFolder) {
      const { signal } = this.#to.run
      const { enter } = this.#choice
      for await (const listing of this.#source.scan({ signal, enter })) await this.#compare(listing)
      if (this.#leftOut > 0 && this.#considered === 1) {
        this.#to.warnings.push(`the filters leave out everything in ${this.#source.label}`)
      }
    }
    await this.#queue.drain()
  }

  async #compare(listing: FolderListing): Promise<void> {
    const { index, run } = this.#to
    const folderText = this.#pathText(listing.path, true)
    const choice = this.#choice.of(listing)
    const { kept, leftOut } = this.#folders.settle(listing, choice)
    for (const { about } of kept) await this.#consider(about.entry, listing.path, about.place)
    if (choice.leftOut) {
      for (const { about } of leftOut) this.#leaveOut(about)
      return
    }
    if (listing.error) {
      this.#missFolder(folderText, listing.error)
      return
    }
    for (const problem of listing.problems) {
      this.#gap(this.#pathText(problem.path, false), problem.error)
    }
    run.progress.filesFound += listing.entries.length
    const folderId = index.entries.folderId(folderText)
    const before = new Map(index.entries.live(folderId).map((row) => [row.name, row]))
    for (const [at, entry] of listing.entries.entries()) {
      const name = nameToText(entry.name) + (entry.kind === 'folder' ? '/' : '')
      const replaces = before.get(otherKind(name))
      const place = { folderId, name, pathText: folderText + name, row: before.get(name), replaces }
      const excess = excessOf(place.pathText)
      if (excess !== undefined) {
        this.#gap(...tooLong(place.pathText, excess))
        continue
      }
      const verdict = choice.verdicts[at]
      if (verdict?.outcome === 'left-out') {
        before.delete(name)
        this.#leaveOut({ entry, place })
        continue
      }
      if (isStorable(entry)) before.delete(name)
      if (verdict && entry.kind === 'folder') {
        this.#folders.add({ path: joinPath(listing.path, entry.name), verdict, about: { entry, place } })
      } else await this.#consider(entry, listing.path, place)
    }
    const told = new Set(listing.problems.map(({ path }) => this.#pathText(path, false)))
    for (const row of before.values()) {
      const pathText = folderText + row.name
      this.#remove(row, folderText, told.has(pathText.replace(/\/$/, '')) ? 'missed' : 'removed')
    }
    // Only now: what is gone from a folder that is empty now counts as gone.
    for (const { about } of leftOut) this.#leaveOut(about)
  }

  async #consider(entry: SourceEntry, folderPath: Buffer, place: Place): Promise<void> {
    const { tally, run, store } = this.#to
    this.#considered += 1
    if (!isStorable(entry)) {
      const what = `${place.pathText} is a ${entry.kind}`
      const error = new PullbackError('EntrySpecial', { what, subject: place.pathText })
      tally.addSpecial(place.pathText, error)
      run.progress.filesDone += 1
      return
    }
    this.#countKept(place)
    run.progress.bytesFound += entry.sizeBytes
    const metadata = metadataOf(entry)
    const change = this.#changeOf(entry, metadata, place)
    if (change === 'content' && entry.kind === 'file') {
      if (store) {
        const path = joinPath(folderPath, this.#rootIsFile(entry, folderPath) ? undefined : entry.name)
        // Counted when it is stored.
        await this.#queue.add({ path, entry, about: { place, metadata } })
        return
      }
      tally.filesRead += 1
      tally.bytesRead += entry.sizeBytes
      this.#countChange(place)
    } else if (change !== 'none') {
      await this.#record(entry, place, { metadata, content: undefined, racy: false })
    }
    count(tally, entry)
    run.progress.filesDone += 1
    run.progress.bytesDone += entry.sizeBytes
  }

  async #storeFile(file: QueuedFile<FileToRead>, begun: Promise<FileReading>): Promise<void> {
    const { tally, run } = this.#to
    const { place } = file.about
    try {
      await this.#readAndStore(file, begun)
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'source-entry') throw error
      this.#gap(place.pathText, error)
      if (place.row) {
        this.#to.gone.add({ row: place.row, below: undefined, reason: 'missed' })
        tally.stayed -= 1
      }
    }
    run.progress.filesDone += 1
    run.progress.bytesDone += file.entry.sizeBytes
  }

  async #readAndStore(file: QueuedFile<FileToRead>, begun: Promise<FileReading>): Promise<void> {
    const { store, tally, run } = this.#to
    if (!store) return
    const { place } = file.about
    let entry = file.entry as StorableEntry
    let reading = await begun
    for (let times = 1; ; times += 1) {
      const content = await store.storeStream(reading.chunks, isCompressibleName(place.name))
      tally.bytesRead += content.sizeBytes
      run.progress.bytesMoved += content.sizeBytes
      const after = reading.after()
      const whole = content.sizeBytes === after.sizeBytes
      const still = whole && after.sizeBytes === entry.sizeBytes && after.modifiedNs === entry.modifiedNs
      if (still || times === maxReadings) {
        if (!still) this.#gap(place.pathText, changing(place.pathText))
        tally.filesRead += 1
        count(tally, entry)
        const metadata = entry === file.entry ? file.about.metadata : metadataOf(entry)
        const racy = !still || entry.modifiedNs >= this.#racyFromNs
        await this.#record(entry, place, { metadata, content, racy })
        return
      }
      entry = { ...entry, sizeBytes: after.sizeBytes, modifiedNs: after.modifiedNs }
      reading = await this.#source.read({ path: file.path, entry }, run.signal)
    }
  }

  /** Writes down what the version holds at a place, unless that is what the last one held. */
  async #record(
    entry: StorableEntry,
    place: Place,
    found: { metadata: EntryMetadata; content: StoredContent | undefined; racy: boolean },
  ): Promise<void> {
    const { store, index, versionId, sure } = this.#to
    if (!store) return
    const { metadata, racy } = found
    const { row } = place
    const content = found.content ?? row
    const facts = {
      kind: entry.kind,
      sizeBytes: content && entry.kind === 'file' ? content.sizeBytes : 0,
      modifiedUs: microseconds(entry.modifiedNs),
      hash: entry.kind === 'file' ? content?.hash : undefined,
      blocklists: entry.kind === 'file' ? content?.blocklists : undefined,
      racy,
    }
    const stored = await store.storeBytes(metadata.bytes, metadata.hash)
    if (row && isAsBefore(row, entry, { hash: facts.hash, metaHash: metadata.hash })) {
      // Read again to be sure, and the same as before: nothing changed but how sure we are. What was lost at the
      // destination is stored again.
      if (racy) index.entries.setRacy(row, true)
      else if (row.racy) sure.add(row)
      return
    }
    if (entry.kind === 'file') this.#countChange(place)
    if (row?.sizeBytes === facts.sizeBytes) this.#noteSilentChange(place, metadata)
    if (row) index.entries.end(row, versionId)
    if (place.replaces) this.#endReplaced(place.replaces, place.pathText)
    index.entries.add(
      { folderId: place.folderId, name: place.name, since: versionId },
      { ...facts, metaHash: stored.hash, metaSizeBytes: stored.sizeBytes, metaBlocklists: stored.blocklists },
    )
  }

  #changeOf(entry: StorableEntry, metadata: EntryMetadata, { row, pathText }: Place): Change {
    const change = changeOf(entry, metadata, row)
    return change === 'none' && entry.kind === 'file' && this.#to.turn.isDue(pathText) ? 'content' : change
  }

  #countChange(place: Place): void {
    const { tally } = this.#to
    if (place.row) tally.filesChanged += 1
    else tally.filesAdded += 1
  }

  /** As somebody asked: not a gap, and nothing that went missing. What an earlier version has of it stays there. */
  #leaveOut({ entry, place }: PlacedEntry): void {
    const { tally, gone, run } = this.#to
    if (entry.kind === 'folder') tally.leftOut.folders += 1
    else if (entry.kind === 'link') tally.leftOut.links += 1
    else tally.leftOut.files += 1
    this.#leftOut += 1
    run.progress.filesDone += 1
    const below = entry.kind === 'folder' ? place.pathText : undefined
    if (place.row || below !== undefined) gone.add({ row: place.row, below, reason: 'left-out' })
  }

  /** For the comparison with what the last version has of the source; its root is always there. */
  #countKept({ row, pathText }: Place): void {
    if (pathText === this.#rootText) return
    if (row) this.#to.tally.stayed += 1
    else this.#to.tally.appeared += 1
  }

  /** What has changed says so by its metadata, or was known to be unsure. */
  #noteSilentChange({ row, pathText }: Place, metadata: EntryMetadata): void {
    const { tally } = this.#to
    if (!row || row.racy || !row.metaHash?.equals(metadata.hash)) return
    tally.silentChanges += 1
    tally.firstSilentChange ||= pathText
  }

  #missFolder(folderText: string, error: PullbackError): void {
    const { tally, gone } = this.#to
    this.#gap(folderText, error)
    if (error.code === 'FolderNotListed') tally.carriedOver = true
    else gone.add({ row: undefined, below: folderText, reason: 'missed' })
  }

  /** Told in the report, and kept with the version. */
  #gap(path: string, error: PullbackError): void {
    const { tally, index, versionId, store } = this.#to
    tally.addGap(path, error)
    if (store) index.gaps.add(versionId, { path, code: error.code, what: error.what })
  }

  #remove(row: EntryRow, folderText: string, reason: GoneReason): void {
    const below = row.kind === 'folder' ? folderText + row.name : undefined
    this.#to.gone.add({ row, below, reason })
  }

  /** At once: two entries of one name would be in each other's way in a version that is cut short here. */
  #endReplaced(row: EntryRow, pathText: string): void {
    const { index, versionId, tally } = this.#to
    const below = row.kind === 'folder' ? index.entries.endBelow(`${pathText}/`, versionId) : 0
    const ended = index.entries.end(row, versionId) + below
    tally.gone += ended
    tally.entriesRemoved += ended
  }

  #rootIsFile(entry: SourceEntry, folderPath: Buffer): boolean {
    return folderPath.length === 0 && entry.kind === 'file' && !this.#rootText.endsWith('/')
  }

  #pathText(path: Buffer, isFolder: boolean): string {
    if (path.length === 0) return this.#rootText
    return this.#rootText + nameToText(path) + (isFolder ? '/' : '')
  }
}

/** The name of a file as that of a folder, or the other way round. */
function otherKind(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : `${name}/`
}

type Change = 'none' | 'metadata' | 'content'

function changeOf(entry: StorableEntry, metadata: EntryMetadata, row: EntryRow | undefined): Change {
  if (!row || row.kind !== entry.kind) return 'content'
  const sameMetadata = row.metaHash?.equals(metadata.hash) ?? false
  if (entry.kind !== 'file') return sameMetadata && !row.racy ? 'none' : 'metadata'
  if (row.racy || row.sizeBytes !== entry.sizeBytes) return 'content'
  if (sameMetadata) return 'none'
  return row.modifiedUs === microseconds(entry.modifiedNs) ? 'metadata' : 'content'
}

/** The kind of an entry, its metadata, and of a file that was read its content. */
function isAsBefore(
  row: EntryRow,
  { kind }: StorableEntry,
  found: { readonly hash: Buffer | undefined; readonly metaHash: Buffer },
): boolean {
  if (row.kind !== kind || !row.metaHash?.equals(found.metaHash)) return false
  return kind !== 'file' || (row.hash?.equals(found.hash ?? row.hash) ?? false)
}

function count(tally: Tally, entry: StorableEntry): void {
  if (entry.kind === 'file') tally.files += 1
  else if (entry.kind === 'folder') tally.folders += 1
  else tally.links += 1
  tally.sourceBytes += entry.sizeBytes
}

function joinPath(folder: Buffer, name: Buffer | undefined): Buffer {
  if (!name) return folder
  return folder.length === 0 ? name : Buffer.concat([folder, Buffer.from('/'), name])
}

/** Told by the beginning of its path, which says where to look. */
function tooLong(path: string, excess: string): [path: string, error: PullbackError] {
  const shown = `${path.slice(0, 1000).toWellFormed()}…`
  const advice = 'Move it to a folder that lies less deep.'
  const what = `${shown} is not stored: ${excess}`
  return [shown, new PullbackError('EntryNameUnusable', { what, subject: shown, advice })]
}

function changing(path: string): PullbackError {
  return new PullbackError('EntryChanging', {
    what: `${path} kept changing while it was read`,
    subject: path,
  })
}

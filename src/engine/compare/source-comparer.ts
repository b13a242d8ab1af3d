// Walks one source beside what a version holds of it, folder by folder, and finds in what they differ. Listings decide
// as a backup decides, by metadata; contents are read where that was asked for, or where the time of a file cannot be
// trusted. Nothing is kept in memory but what the scan has still to list, and what is named in the end.
import { below } from '../../base/entry-path.ts'
import { newSha256 } from '../../base/hash.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { nameToText } from '../../format/path-text.ts'
import type { VersionEntries, VersionEntry } from '../../index-db/version-entries.ts'
import type { FileReading, FolderListing, Source, SourceEntry } from '../../sources/source.ts'
import type { BackupSource } from '../backup/backup-job.ts'
import { isStorable, type StorableEntry } from '../backup/entry-facts.ts'
import { ReadQueue, type QueuedFile } from '../backup/read-queue.ts'
import type { RunContext } from '../run-context.ts'
import { EntryChoice, type ListingChoice } from '../select/entry-choice.ts'
import type { SelectionRules } from '../select/selection-rules.ts'
import { WaitingFolders } from '../select/waiting-folders.ts'
import { splitPath } from '../split-path.ts'
import { entryDifference, type EntryDifference, type UnreadMetadata } from './entry-aspects.ts'
import type { SourceDifferences } from './source-differences.ts'

export interface Comparison {
  readonly entries: VersionEntries
  readonly rules: SelectionRules
  /** Contents of files that look unchanged are read, too. */
  readonly readContents: boolean
  readonly found: SourceDifferences
  /** Takes what can be told of named entries only by metadata that lies at the destination. */
  readonly open: UnreadMetadata[]
  readonly run: RunContext
  readonly warnings: string[]
}

/** Where an entry stands in the version. */
interface Place {
  /** Whole path, folders with their trailing separator. */
  readonly path: string
  readonly row: VersionEntry | undefined
  /** What the version has there of another kind, a file where a folder is now or the other way round. */
  readonly replaces: VersionEntry | undefined
}

interface PlacedEntry {
  readonly entry: SourceEntry
  readonly place: Place
}

interface FileToHash extends EntryDifference {
  readonly path: string
  readonly row: VersionEntry
}

/** Fails with a `source-gone` error. Closing the source is left to the caller. */
export async function compareSourceWithVersion(backedUp: BackupSource, about: Comparison): Promise<void> {
  const { source, mountPath, machinePath = mountPath } = backedUp
  about.run.progress.phase = 'connecting'
  about.run.progress.subject = source.label
  const { entry: root } = await source.open(about.run.signal)
  about.run.progress.phase = 'comparing files'
  const choice = new EntryChoice(about.rules, [mountPath, machinePath])
  await new SourceComparer(source, about, mountPath).compare(root, choice)
  about.warnings.push(...choice.warnings())
}

class SourceComparer {
  readonly #source: Source
  readonly #about: Comparison
  readonly #mountPath: string
  readonly #queue: ReadQueue<FileToHash>
  readonly #folders = new WaitingFolders<PlacedEntry>()
  #rootText = ''

  constructor(source: Source, about: Comparison, mountPath: string) {
    this.#source = source
    this.#about = about
    this.#mountPath = mountPath
    this.#queue = new ReadQueue({
      source,
      signal: about.run.signal,
      use: (file, reading) => this.#hash(file, reading),
    })
  }

  async compare(root: SourceEntry, choice: EntryChoice): Promise<void> {
    const { entries, run } = this.#about
    const isFolder = root.kind === 'folder'
    this.#rootText = isFolder && this.#mountPath !== '/' ? `${this.#mountPath}/` : this.#mountPath
    const { folderText, name } = splitPath(this.#rootText)
    const row = entries.one(folderText, name)
    const replaces = entries.one(folderText, otherKind(name))
    run.progress.filesFound += 1
    await this.#consider(root, Buffer.alloc(0), { path: this.#rootText, row, replaces })
    if (isFolder) {
      const { signal } = run
      for await (const listing of this.#source.scan({ signal, enter: choice.enter }))
        await this.#compareListing(listing, choice.of(listing))
    }
    await this.#queue.drain()
  }

  async #compareListing(listing: FolderListing, choice: ListingChoice): Promise<void> {
    const { entries, found, run } = this.#about
    const folderText = this.#pathText(listing.path, true)
    const { kept, leftOut } = this.#folders.settle(listing, choice)
    for (const { path, about } of kept) await this.#consider(about.entry, path, about.place)
    for (const _ of leftOut) this.#leaveOut()
    if (choice.leftOut) return
    if (listing.error) {
      found.addGap(folderText, listing.error)
      return
    }
    for (const { path, error } of listing.problems) found.addGap(this.#pathText(path, false), error)
    run.progress.filesFound += listing.entries.length
    const before = new Map(entries.in(folderText).map((row) => [row.name, row]))
    for (const [at, entry] of listing.entries.entries()) {
      const name = nameToText(entry.name) + (entry.kind === 'folder' ? '/' : '')
      const place = placeIn(before, folderText, name)
      const verdict = choice.verdicts[at]
      const path = below(listing.path, entry.name)
      if (verdict?.outcome === 'left-out') this.#leaveOut()
      else if (verdict && entry.kind === 'folder')
        this.#folders.add({ path, verdict, about: { entry, place } })
      else await this.#consider(entry, path, place)
    }
    const told = new Set(listing.problems.map(({ path }) => this.#pathText(path, false)))
    for (const row of before.values()) {
      const path = folderText + row.name
      if (!told.has(path.replace(/\/$/, ''))) this.#remove(path, row)
    }
  }

  /** `path` is below the root. */
  async #consider(entry: SourceEntry, path: Buffer, place: Place): Promise<void> {
    const { found, run } = this.#about
    const { row, replaces } = place
    run.progress.filesDone += 1
    if (replaces?.kind === 'folder') this.#removeBelow(`${place.path}/`)
    if ((row && row.kind !== entry.kind) || (!row && replaces)) {
      found.add('changed', { path: place.path, sizeBytes: entry.sizeBytes, aspects: ['type'] })
    } else if (isStorable(entry)) {
      if (row) await this.#compareEntry(entry, path, { row, path: place.path })
      else found.add('added', { path: place.path, sizeBytes: entry.sizeBytes })
    }
  }

  async #compareEntry(
    entry: StorableEntry,
    path: Buffer,
    place: { readonly row: VersionEntry; readonly path: string },
  ): Promise<void> {
    const { row } = place
    const difference = entryDifference(entry, row)
    const isToRead = entry.kind === 'file' && (this.#about.readContents || row.racy)
    // A content of another length is another one.
    if (!isToRead || difference.aspects.includes('size')) this.#tell(entry, place, difference)
    else await this.#queue.add({ path, entry, about: { ...place, ...difference } })
  }

  async #hash({ entry, about }: QueuedFile<FileToHash>, begun: Promise<FileReading>): Promise<void> {
    const { found, run } = this.#about
    const { aspects, row, path } = about
    try {
      const reading = await begun
      const hash = newSha256()
      for await (const chunk of reading.chunks) {
        hash.update(chunk)
        found.bytesRead += chunk.length
        run.progress.bytesMoved += chunk.length
      }
      found.filesRead += 1
      const { sizeBytes, modifiedNs } = reading.after()
      if (sizeBytes !== entry.sizeBytes || modifiedNs !== entry.modifiedNs) {
        const what = `${path} changed while it was read`
        found.addGap(path, new PullbackError('EntryChanging', { what, subject: path }))
        return
      }
      const isOther = !row.hash?.equals(hash.digest())
      if (isOther && aspects.length === 0 && !about.isOpen && !row.racy) {
        found.add('silent', { path, sizeBytes })
        return
      }
      if (isOther) aspects.push('content')
      this.#tell(entry as StorableEntry, about, about)
    } catch (error) {
      if (!isPullbackError(error) || error.kind !== 'source-entry') throw error
      found.addGap(path, error)
    }
  }

  #tell(
    entry: StorableEntry,
    { path, row }: { readonly path: string; readonly row: VersionEntry },
    { aspects, isOpen }: EntryDifference,
  ): void {
    const { found, open } = this.#about
    if (aspects.length === 0 && !isOpen) {
      found.unchanged += 1
      return
    }
    const isNamed = found.add('changed', { path, sizeBytes: entry.sizeBytes, aspects })
    if (isNamed && isOpen) open.push({ entry, row, aspects })
  }

  /** As somebody asked: what the version has of it is not compared. */
  #leaveOut(): void {
    this.#about.found.leftOut += 1
    this.#about.run.progress.filesDone += 1
  }

  #remove(path: string, row: VersionEntry): void {
    this.#about.found.add('removed', { path, sizeBytes: row.sizeBytes })
    if (row.kind === 'folder') this.#removeBelow(path)
  }

  #removeBelow(folderPath: string): void {
    for (const entry of this.#about.entries.below(folderPath)) this.#about.found.add('removed', entry)
  }

  #pathText(path: Buffer, isFolder: boolean): string {
    if (path.length === 0) return this.#rootText
    return this.#rootText + nameToText(path) + (isFolder ? '/' : '')
  }
}

/** Takes what the version has there out of what it has that was not seen yet. */
function placeIn(before: Map<string, VersionEntry>, folderText: string, name: string): Place {
  const other = otherKind(name)
  const [row, replaces] = [before.get(name), before.get(other)]
  before.delete(name)
  // Both may be in a version that was made elsewhere: then the other one is gone.
  if (!row) before.delete(other)
  return { path: folderText + name, row, replaces: row ? undefined : replaces }
}

/** The name of a file as that of a folder, or the other way round. */
function otherKind(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : `${name}/`
}

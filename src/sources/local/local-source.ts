// A folder, or one file, of this machine: the port `Source` over its file systems. Names are bytes throughout; links
// are never followed, pipes never waited for. Calls are synchronous in short stretches (breather.ts), because the
// engine has its thread to itself. That a name is no `..` and holds no `/` is left to the operating system.
import { closeSync, constants, lstatSync, openSync, realpathSync, type BigIntStats } from 'node:fs'
import { resolve } from 'node:path'
import { throwIfAborted } from '../../base/abort.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { PullbackError } from '../../base/errors.ts'
import { below, lastPart, showPath, wholePath } from '../../base/entry-path.ts'
import type {
  EntryProblem,
  FileReading,
  FolderListing,
  ScanOptions,
  Source,
  SourceEntry,
  SourceRoot,
} from '../source.ts'
import { Breather } from '../../base/breather.ts'
import { entryRefusal, folderRefusal, rootMissing, rootRefusal } from './disk-refusal.ts'
import { entryAt, entryOf, kindOf, namesIn } from './list-folder.ts'
import { type OwnerNames, readOwnerNames } from './owner-names.ts'
import { chunkBytes, OpenFile, readInChunks, type FileToRead } from './read-file.ts'

interface LocalSourceOptions {
  /** A relative one begins at the working folder. */
  readonly path: string
  readonly clock?: Clock
}

export class LocalSource implements Source {
  readonly label: string
  readonly #given: Buffer
  readonly #clock: Clock
  readonly #breather: Breather
  /** One for all files: a buffer for each would be garbage faster than it is collected. */
  readonly #buffer = Buffer.allocUnsafeSlow(chunkBytes + 1)
  readonly #openFiles = new Set<OpenFile>()
  #owners: OwnerNames = { users: new Map(), groups: new Map() }
  #root: Buffer = Buffer.alloc(0)
  #rootStats: BigIntStats | undefined

  constructor({ path, clock = systemClock }: LocalSourceOptions) {
    this.#given = Buffer.from(resolve(path))
    this.label = showPath(this.#given)
    this.#clock = clock
    this.#breather = new Breather(clock)
  }

  async open(signal: AbortSignal): Promise<SourceRoot> {
    throwIfAborted(signal)
    const clockNs = BigInt(Math.floor(this.#clock.nowMs())) * 1_000_000n
    this.#owners = readOwnerNames()
    try {
      // The root may be named by a link: people name such paths. Below it no link is followed.
      this.#root = realpathSync.native(this.#given, { encoding: 'buffer' })
      const stats = lstatSync(this.#root, { bigint: true })
      this.#rootStats = stats
      this.#requireReadable(stats)
      return { entry: entryOf(stats, lastPart(this.#given), this.#owners), clockNs }
    } catch (error) {
      throw rootRefusal(this.label, error)
    }
  }

  async *scan({ signal, enter }: ScanOptions): AsyncGenerator<FolderListing> {
    if (!this.#rootStats?.isDirectory()) return
    const waiting: Buffer[] = [Buffer.alloc(0)]
    for (let path = waiting.pop(); path; path = waiting.pop()) {
      if (this.#breather.isDue) await this.#breather.pause(signal)
      throwIfAborted(signal)
      const listing = await this.#list(path, signal)
      const folders = listing.entries.filter(({ kind }) => kind === 'folder')
      const entered = folders.map((entry) => ({ entry, path: below(listing.path, entry.name) }))
      // The last one put is the first taken: in reverse, for the order of names.
      const toList = entered.filter((folder) => enter(folder.path, folder.entry, listing)).reverse()
      for (const folder of toList) waiting.push(folder.path)
      yield listing
    }
  }

  async read(
    { path }: { readonly path: Buffer; readonly entry: SourceEntry },
    signal: AbortSignal,
  ): Promise<FileReading> {
    throwIfAborted(signal)
    const breather = this.#breather
    if (breather.isDue) await breather.pause(signal)
    const toRead = { wholePath: wholePath(this.#root, path), path, breather, signal, buffer: this.#buffer }
    return readInChunks(() => this.#openFile(toRead), toRead)
  }

  /** Not before its content is asked for: on a disk nothing is gained by that, and a process may open few files. */
  #openFile(toRead: FileToRead): OpenFile {
    try {
      return new OpenFile(toRead, this.#openFiles)
    } catch (error) {
      this.#requireRoot()
      throw entryRefusal(toRead.path, error)
    }
  }

  async close(): Promise<void> {
    for (const file of this.#openFiles) file.close()
  }

  async #list(path: Buffer, signal: AbortSignal): Promise<FolderListing> {
    const folder = wholePath(this.#root, path)
    const entries: SourceEntry[] = []
    const problems: EntryProblem[] = []
    let names: Buffer[]
    try {
      names = namesIn(folder)
    } catch (error) {
      return this.#withoutFolder(path, error)
    }
    for (const name of names) {
      if (this.#breather.isDue) await this.#breather.pause(signal)
      try {
        entries.push(entryAt(wholePath(folder, name), name, this.#owners))
      } catch (error) {
        const problem = entryRefusal(below(path, name), error)
        if (!(problem instanceof PullbackError)) throw problem
        problems.push({ path: below(path, name), error: problem })
      }
    }
    return { path, entries, problems }
  }

  #withoutFolder(path: Buffer, error: unknown): FolderListing {
    if (path.length === 0) throw rootRefusal(this.label, error)
    this.#requireRoot()
    const refusal = folderRefusal(path, error)
    if (!(refusal instanceof PullbackError)) throw refusal
    return { path, entries: [], problems: [], error: refusal }
  }

  #requireReadable(stats: BigIntStats): void {
    const kind = kindOf(stats)
    if (kind !== 'folder' && kind !== 'file') {
      throw new PullbackError('SourceUnreadable', {
        what: `${this.label} is neither a folder nor a file but a ${kind}`,
        subject: this.label,
        advice: 'Name a folder or a regular file.',
      })
    }
    if (kind === 'folder') closeSync(openSync(this.#root, constants.O_RDONLY | constants.O_DIRECTORY))
  }

  /**
   * Asked whenever an entry fails. A disk that is pulled out takes all entries with it: that is no change of the
   * source but its loss.
   */
  #requireRoot(): void {
    let now: BigIntStats | undefined
    try {
      now = lstatSync(this.#root, { bigint: true, throwIfNoEntry: false })
    } catch (error) {
      throw rootRefusal(this.label, error)
    }
    if (now?.ino !== this.#rootStats?.ino || now?.dev !== this.#rootStats?.dev) throw rootMissing(this.label)
  }
}

// The port to whatever is backed up: a folder (or one file) on this machine or on another one. An adapter only lists
// and reads; it never writes, follows a link, or opens anything but a regular file.
//
// Contract, in short (suite.ts tests it against every adapter):
// - Names and link targets are bytes, as the machine gave them. Names that are empty, `.`, `..`, or hold `/` or a
//   zero byte are never passed on: they are reported as a problem of their folder.
// - Paths are relative to the root, parts joined by `/`, without a leading or trailing one; the root is empty.
// - A folder that cannot be listed is reported in its place and the scan goes on. The root is the exception: a
//   source whose root cannot be listed fails as a whole. `FolderUnreadable` says that there is no permission,
//   `FolderNotListed` that it failed for a reason that may pass.
// - Errors are PullbackErrors: kind `source-entry` for one entry, `source-gone` for the whole source.
// - A lost connection is taken up again once by the adapter itself; what fails after that is `source-gone`.
import type { PullbackError } from '../base/errors.ts'

export type EntryKind = 'file' | 'folder' | 'link' | 'socket' | 'pipe' | 'device' | 'unknown'

export interface SourceEntry {
  /** One part of a path, as bytes. */
  readonly name: Buffer
  readonly kind: EntryKind
  /** For a file its length; 0 for all else. */
  readonly sizeBytes: number
  /** Last change of the content, in nanoseconds since 1970 UTC. Over SFTP these are whole seconds. */
  readonly modifiedNs: bigint
  /** The twelve permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Names of owner and group on that machine, where it tells. */
  readonly owner?: string
  readonly group?: string
  /** For a link, what it points to, verbatim; never resolved. */
  readonly linkTarget?: Buffer
}

export interface EntryProblem {
  /** Path of the entry below the root, as bytes. */
  readonly path: Buffer
  readonly error: PullbackError
}

export interface FolderListing {
  /** Path of the folder below the root; empty for the root itself. */
  readonly path: Buffer
  /** Sorted by name, bytewise; each name once. Empty when the folder could not be listed. */
  readonly entries: readonly SourceEntry[]
  /** Entries of this folder that had to be left out, each with its reason. */
  readonly problems: readonly EntryProblem[]
  /** Set when the folder itself could not be listed. */
  readonly error?: PullbackError
}

export interface SourceRoot {
  /** The root itself: a folder, or one file. Its `name` is the last part of its path. */
  readonly entry: SourceEntry
  /**
   * Time on that machine when the scan began, nanoseconds since 1970: a file changed at or after two seconds before
   * this may change again within the same second without its time showing it.
   */
  readonly clockNs: bigint
}

export interface ScanOptions {
  readonly signal: AbortSignal
  /**
   * Asked once for each folder found, with its path below the root and the listing that it was found in, before that
   * listing is given out: false leaves all below it out.
   */
  readonly enter: (path: Buffer, entry: SourceEntry, foundIn: FolderListing) => boolean
}

export interface FileState {
  readonly sizeBytes: number
  readonly modifiedNs: bigint
}

export interface FileReading {
  /** The content from the start. A chunk is valid until the next one is asked for, of any file of the source. */
  readonly chunks: AsyncIterable<Uint8Array>
  /**
   * To be asked after the last chunk: length and time of the file when its last byte had been read. If they differ from
   * the listing's, the bytes may mix two states and the caller reads again.
   */
  readonly after: () => FileState
}

export interface Source {
  /** For people: a path or URL, without secrets. */
  readonly label: string
  /** Connects, looks at the root. Fails with a `source-gone` error. Called once, first. */
  open(signal: AbortSignal): Promise<SourceRoot>
  /**
   * Lists the whole tree: one listing for each folder, parents before children, else in any order. For a root that
   * is a file: nothing.
   */
  scan(options: ScanOptions): AsyncIterable<FolderListing>
  /**
   * Begins to read a regular file at once and without waiting for the first chunk to be asked, so that many can be
   * on their way together; the caller bounds how many. For a root that is a file, its path is empty.
   */
  read(
    file: { readonly path: Buffer; readonly entry: SourceEntry },
    signal: AbortSignal,
  ): Promise<FileReading>
  close(): Promise<void>
}

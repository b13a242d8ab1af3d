// The port to another machine that files are restored onto: a folder there, and what can be made in it. Paths are bytes
// below that folder, parts joined by `/`; empty is the folder itself. An adapter never writes through a link: every
// folder on the way to a path is looked at before it is used. It retries what a lost line broke, and ends in an error
// of the kind `source-gone` if the machine stays away. Calls may overlap. Every call may fail with `Cancelled`.

/** What lies at a path; nothing is followed. */
export interface Found {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly sizeBytes: number
}

/** What a file or folder is to look like. What is left out stays as it comes. */
export interface Look {
  /** The nine permission bits; setuid, setgid and sticky are never set. */
  readonly mode?: number
  /** Whole seconds since 1970. */
  readonly modifiedS?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

export interface FileToPlace {
  readonly path: Buffer
  readonly sizeBytes: number
  /** Read once, to the end; a chunk is not touched any more once it was handed out. */
  readonly chunks: AsyncIterable<Buffer>
  readonly look: Look
  /** A file or link of that name may be replaced; else the name must be free. */
  readonly replace: boolean
}

/** Sentences about what could not be applied: the entry is there all the same. */
export type Complaints = readonly string[]

export interface Receiver {
  /** For people: the address without its secrets. */
  readonly label: string

  /** Connects, and makes the folder if it is missing. Fails with `TargetFolderUnusable`. */
  open(signal: AbortSignal): Promise<void>

  /** Undefined if nothing is there. */
  look(path: Buffer, signal: AbortSignal): Promise<Found | undefined>

  /** SHA-256 of a regular file, read to its end. */
  hashFile(path: Buffer, signal: AbortSignal): Promise<Buffer>

  readLink(path: Buffer, signal: AbortSignal): Promise<Buffer>

  /** Makes a folder, and those above it, if it is missing. One that is there is left as it is. */
  makeFolder(path: Buffer, mode: number, signal: AbortSignal): Promise<void>

  /**
   * Writes a file under a temporary name in its folder, which is made if it is missing, and gives it its name when all
   * is there. On failure nothing is left behind, as far as the machine can still be reached. `RestoreTargetFailed` if
   * this file cannot be placed, `RestoreTargetFull` if the machine takes no more bytes, or as the chunks fail.
   */
  placeFile(file: FileToPlace, signal: AbortSignal): Promise<Complaints>

  placeLink(
    link: {
      readonly path: Buffer
      readonly target: Buffer
      readonly look: Look
      readonly replace: boolean
    },
    signal: AbortSignal,
  ): Promise<Complaints>

  /** True if this receiver made the folder, asked to or on the way to something in it. */
  isMade(path: Buffer): boolean

  /** For a folder in which nothing will be made any more. */
  finishFolder(path: Buffer, look: Look, signal: AbortSignal): Promise<Complaints>

  /** Work under way fails. */
  close(): Promise<void>
}

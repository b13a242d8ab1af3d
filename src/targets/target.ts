// The port to a destination: one flat folder of files that are written once, under names that are never reused.
//
// Contract, in short (suite.ts tests it against every adapter; the numbers are those of docs/reliability.md):
// - `put` is all or nothing: under the final name there is either nothing or the whole file with the size and hash
//   that were announced. It never replaces a file: an existing name is `DestinationNameTaken`.
// - A failed attempt cleans up its own temporary file and never touches the final name.
// - `list` gives the exact set or an error, never a short list. Folders and names that cannot be ours are skipped.
// - `get` of an absent name is `DestinationFileMissing`; a range over the end is `DestinationFailed`. It gives all the
//   bytes it was asked for or an error, never fewer. A chunk is valid until the next is asked for.
// - `delete` may be called twice.
// - That a name is absent is said only while the folder is there: a folder that is gone is `DestinationMissing`.
// - A name that no file here can have (`../x`) is `DestinationNameUnusable` for every verb: names come out of the
//   backup too, and a backup can be forged.
// - Errors are PullbackErrors of kind `destination` (or `cancelled`). Whatever a caller's own stream throws comes back
//   unchanged.

export interface TargetFile {
  readonly name: string
  readonly sizeBytes: number
  /** Milliseconds since 1970 by the destination's clock. */
  readonly modifiedMs: number
}

export interface PutContent {
  readonly sizeBytes: number
  readonly sha256: Uint8Array
  /**
   * Opens the content from its start; called again for each new attempt. A chunk is valid until the next is asked
   * for.
   */
  open(): AsyncIterable<Uint8Array>
}

export interface ByteRange {
  readonly offset: number
  readonly length: number
}

export interface Space {
  readonly freeBytes: number
  readonly totalBytes: number
}

export interface SweepOptions {
  /** Final names whose upload is known to have died with an earlier run: what these left goes at once. */
  readonly abandoned: ReadonlySet<string>
  readonly signal: AbortSignal
}

export interface Target {
  /** For people: a path or URL, without secrets. */
  readonly label: string
  /** Looks at the folder; `DestinationMissing` if it is not there and `create` is false. Called once, first. */
  open(options: { readonly create: boolean }, signal: AbortSignal): Promise<void>
  list(signal: AbortSignal): AsyncIterable<TargetFile>
  /** Undefined for a name that is not there. */
  stat(name: string, signal: AbortSignal): Promise<TargetFile | undefined>
  put(name: string, content: PutContent, signal: AbortSignal): Promise<void>
  get(
    name: string,
    options: { readonly range?: ByteRange; readonly signal: AbortSignal },
  ): AsyncIterable<Uint8Array>
  delete(name: string, signal: AbortSignal): Promise<void>
  /** Undefined where the destination does not tell. */
  space(signal: AbortSignal): Promise<Space | undefined>
  /**
   * Removes what interrupted `put`s of earlier runs left under temporary names; returns how many. What is not known
   * as abandoned may be the work of another run and goes only after a week. What may not be deleted stays.
   */
  sweep(options: SweepOptions): Promise<number>
  close(): Promise<void>
}

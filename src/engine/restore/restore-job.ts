// What a restore is asked to do, and what it answers.
import type { Target } from '../../targets/target.ts'
import type { PullbackError } from '../../base/errors.ts'
import type { LostRange } from './lost-ranges.ts'

export interface RestoreJob {
  readonly target: Target
  readonly prefix: string
  readonly passphrase: string | undefined
  /** 0 is the newest, 1 the one before; or the newest at or before a time, in milliseconds since 1970. */
  readonly version: { readonly number: number } | { readonly atMs: number }
  /** Which entries, as people name them; none means all. */
  readonly patterns: readonly string[]
  /** Undefined: to where the entries came from. */
  readonly restorePath: string | undefined
  /** Keep whole paths below the restore path; else what all entries have in common is cut. */
  readonly keepWholePaths: boolean
  /** Replace files that differ; else the restored file is put beside them. */
  readonly overwrite: boolean
  /** Owner, group and the nine mode bits as they were. */
  readonly restorePermissions: boolean
  /** Leave times and modes as they come. */
  readonly skipMetadata: boolean
  /** Files of which blocks are lost come back under another name, with zeros in their place. */
  readonly restoreDamaged: boolean
  readonly tempFolder: string
  readonly dryRun: boolean
}

export interface RestoreTrouble {
  readonly path: string
  readonly error: PullbackError
}

/** What is left of a file. */
export interface DamagedFile {
  readonly path: string
  /** The name that it got, in its folder. */
  readonly as: string
  /** Zeros in all. */
  readonly lostBytes: number
  /** The first of them. */
  readonly lost: readonly LostRange[]
}

export interface RestoreReport {
  readonly version: { readonly timeMs: number; readonly isFull: boolean }
  readonly dryRun: boolean
  /** Where the entries went. */
  readonly restorePath: string
  readonly files: number
  readonly folders: number
  readonly links: number
  readonly bytes: number
  /** Files that were there already with the right content. */
  readonly alreadyRight: number
  /** Files put beside an existing one of the same name. */
  readonly putBeside: readonly { readonly path: string; readonly as: string }[]
  /** Entries that could not be restored. */
  readonly failed: readonly RestoreTrouble[]
  /** Those of the failed ones that came back in part, where that was asked for. */
  readonly damaged: readonly DamagedFile[]
  /** What was restored but for some of its metadata, and damage that was worked around. */
  readonly warnings: readonly string[]
}

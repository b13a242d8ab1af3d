// What a drill is asked to do, and what it answers.
import type { PullbackError } from '../../base/errors.ts'
import type { BackupSource, LostSource } from '../backup/backup-job.ts'
import type { VersionJob } from '../restore/stream/open-version.ts'

export interface DrillJob extends VersionJob {
  /** What restored files are compared with; files that lie under none of them are not drawn. */
  readonly sources: readonly BackupSource[]
  /** At most so many files, */
  readonly files: number
  /** of at most so many bytes together. */
  readonly bytes: number
  /** Draws the same files again; undefined: by chance. */
  readonly seed: string | undefined
  /** The history lies beside it; the index itself is not used. */
  readonly indexPath: string
}

/**
 * `proven`: restored, and the source has the same bytes. `changed`, `gone`, `unseen`: restored as it was recorded, and
 * the source has another file there since, has none any more, or could not be looked at. `differs`: restored as it was
 * recorded, and the source has other bytes although length and time are the same. `lost`: not restored.
 */
export type DrillVerdict = 'proven' | 'changed' | 'gone' | 'unseen' | 'differs' | 'lost'

export interface DrilledFile {
  /** As the version has it. */
  readonly path: string
  readonly sizeBytes: number
  readonly verdict: DrillVerdict
  /** Of `unseen` and `lost`. */
  readonly error?: PullbackError
}

export interface DrillReport {
  readonly version: { readonly timeMs: number; readonly isFull: boolean }
  readonly seed: string
  /** Files of the version that could have been drawn. */
  readonly drawnFrom: number
  /** Files that are larger than what may be drawn in all. */
  readonly tooLarge: number
  /** In the order in which they were drawn. */
  readonly files: readonly DrilledFile[]
  /** Of these files, as the version has them. */
  readonly bytes: number
  readonly counts: Readonly<Record<DrillVerdict, number>>
  readonly lostSources: readonly LostSource[]
  readonly warnings: readonly string[]
}

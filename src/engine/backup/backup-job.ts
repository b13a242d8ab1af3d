// What a backup run is asked to do, and what it answers.
import type { PullbackError } from '../../base/errors.ts'
import type { Source } from '../../sources/source.ts'
import type { RetentionPlan, RetentionReport } from '../retention/apply-retention.ts'
import type { SampleResult } from './sample-volumes.ts'
import type { SelectionRules } from '../select/selection-rules.ts'
import type { CheckPlan } from '../check/choose-volumes.ts'
import type { BackupSet } from '../set/open-set.ts'
import type { SpacePlan, SpaceReport } from '../space/tidy-space.ts'

export interface BackupSource {
  readonly source: Source
  /**
   * Where the source appears in the backup: an absolute path, `/` between parts, without a trailing one. The root
   * folder, or the one file, of the source gets this path.
   */
  readonly mountPath: string
  /** Where it lies on its machine, in the same form, if that is known. Filters may speak of either path. */
  readonly machinePath?: string
}

export interface BackupJob extends BackupSet {
  readonly sources: readonly BackupSource[]
  /** Which entries of the sources are backed up. */
  readonly rules: SelectionRules
  /** Undefined: that of the existing backup, or the default for a new one. */
  readonly blocksize: number | undefined
  /** Look and count, store nothing. */
  readonly dryRun: boolean
  /** In so many days every unchanged file is read again, a few in each run; 0: never. */
  readonly rereadDays: number
  /** A person said that a source which has lost most of its entries is to be taken as it is. */
  readonly allowRemoval: boolean
  /** Write a version even when nothing changed. */
  readonly uploadUnchanged: boolean
  /** Which volumes are read when all else is done, to see whether they are whole; undefined: none. */
  readonly samples: CheckPlan | undefined
  /** Which old versions go when the new one is there; undefined: none. */
  readonly retention: RetentionPlan | undefined
  /** What to do about space afterwards. */
  readonly space: SpacePlan
}

/** An entry that is not, or not surely, in the version: where and why. */
export interface Gap {
  readonly path: string
  readonly error: PullbackError
}

/** A source that could not be backed up as a whole. */
export interface LostSource {
  readonly label: string
  readonly error: PullbackError
}

export interface BackupReport {
  /** Undefined when nothing changed and no version was written, and after a dry run. */
  readonly version:
    | { readonly timeMs: number; readonly dlistName: string; readonly isFull: boolean }
    | undefined
  readonly dryRun: boolean
  /** True when the index was lost, old or broken and was built again from the destination. */
  readonly indexRebuilt: boolean
  readonly entries: { readonly files: number; readonly folders: number; readonly links: number }
  readonly sourceBytes: number
  readonly filesAdded: number
  readonly filesChanged: number
  readonly entriesRemoved: number
  readonly filesRead: number
  readonly bytesRead: number
  readonly newBlocks: number
  readonly newBlockBytes: number
  readonly uploadedFiles: number
  readonly uploadedBytes: number
  /** Left out by the rules of the job, as was asked; of a folder only itself is counted, not what lies below it. */
  readonly leftOut: { readonly files: number; readonly folders: number; readonly links: number }
  /** Somebody asked the run to end early. */
  readonly stopped: boolean
  /** The time of the partial version that this run finished for an interrupted one before it. */
  readonly finishedMs: number | undefined
  /** Sockets, pipes and devices: seen and left, as they hold no bytes. The first ten thousand. */
  readonly specials: readonly Gap[]
  readonly specialCount: number
  /** The first ten thousand of them. */
  readonly gaps: readonly Gap[]
  readonly gapCount: number
  readonly lostSources: readonly LostSource[]
  /** What the volumes were that were read when all else was done. */
  readonly samples: SampleResult | undefined
  /** What became of old versions; undefined when nothing was asked about them, or they could not be looked at. */
  readonly retention: RetentionReport | undefined
  /** What was done about space; undefined when the run ended before, or that failed. */
  readonly space: SpaceReport | undefined
  readonly warnings: readonly string[]
}

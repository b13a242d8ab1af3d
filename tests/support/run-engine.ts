// Runs backups and restores as the use cases do, with small blocks and volumes so that a small tree exercises all of
// the format, and puts every backup before the strict checker.
import { join } from 'node:path'
import { systemClock, type Clock } from '../../src/base/clock.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import type { BackupJob, BackupReport, BackupSource } from '../../src/engine/backup/backup-job.ts'
import { runBackup } from '../../src/engine/backup/run-backup.ts'
import type { SpacePlan } from '../../src/engine/space/tidy-space.ts'
import { Progress } from '../../src/engine/progress.ts'
import type { RestoreJob, RestoreReport } from '../../src/engine/restore/restore-job.ts'
import { runRestore } from '../../src/engine/restore/run-restore.ts'
import { selectionRules, usualSelection } from '../../src/engine/select/selection-rules.ts'
import { openIndex, type Index } from '../../src/index-db/open-index.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { expectSound, type BackupReport as Checked } from './strict-checker/check-backup.ts'

export const testBlocksize = 1024
export const testPassphrase = 'correct hörse'

/** By itself nothing is compacted, so that a test sees the volumes that its runs made. */
export const testSpace: SpacePlan = {
  rules: {
    dblockSizeBytes: 256 * 1024,
    thresholdPercent: 25,
    smallFileSizeBytes: 51_200,
    smallFileMaxCount: 20,
  },
  deleteAfterMs: 86_400_000,
  auto: false,
  autoIntervalMs: 0,
}

/** One backup set under test: where it lies, and how to run against it. */
export class TestBackup {
  readonly folder: string
  readonly indexPath: string
  readonly tempFolder: string
  readonly passphrase: string | undefined

  constructor(
    folder: string,
    options: { readonly passphrase?: string | undefined } = { passphrase: testPassphrase },
  ) {
    this.folder = join(folder, 'backup')
    this.indexPath = join(folder, 'index', 'index.sqlite')
    this.tempFolder = join(folder, 'temp')
    this.passphrase = options.passphrase
  }

  job(sources: readonly BackupSource[], changes: Partial<BackupJob> = {}): BackupJob {
    return {
      target: new LocalTarget({ folder: this.folder }),
      sources,
      rules: selectionRules(usualSelection),
      indexPath: this.indexPath,
      tempFolder: this.tempFolder,
      passphrase: this.passphrase,
      prefix: 'duplicati',
      blocksize: testBlocksize,
      dblockSizeBytes: 256 * 1024,
      level: 1,
      dryRun: false,
      rereadDays: 0,
      allowRemoval: false,
      uploadUnchanged: false,
      samples: undefined,
      retention: undefined,
      space: testSpace,
      appVersion: 'test',
      ...changes,
    }
  }

  /** Backs up a local folder, or the sources given. The destination is not checked here. */
  async backUp(
    from: string | readonly BackupSource[],
    options: RunOptions & { readonly changes?: Partial<BackupJob> } = {},
  ): Promise<BackupReport> {
    const sources = typeof from === 'string' ? [localSource(from)] : from
    const job = this.job(sources, options.changes)
    try {
      await job.target.open({ create: true }, new AbortController().signal)
      return await runBackup(job, runContext(options))
    } finally {
      await job.target.close()
    }
  }

  async restore(
    to: string,
    changes: Partial<RestoreJob> = {},
    options: RunOptions = {},
  ): Promise<RestoreReport> {
    const target = changes.target ?? new LocalTarget({ folder: this.folder })
    await target.open({ create: false }, new AbortController().signal)
    const job: RestoreJob = {
      prefix: 'duplicati',
      passphrase: this.passphrase,
      version: { number: 0 },
      patterns: [],
      restorePath: to,
      keepWholePaths: false,
      overwrite: false,
      restorePermissions: true,
      skipMetadata: false,
      restoreDamaged: false,
      tempFolder: this.tempFolder,
      dryRun: false,
      ...changes,
      target,
    }
    try {
      return await runRestore(job, runContext(options))
    } finally {
      await target.close()
    }
  }

  /** Looks into the index while no run has it. */
  withIndex<T>(look: (index: Index) => T): T {
    const index = openIndex(this.indexPath)
    try {
      return look(index)
    } finally {
      index.close()
    }
  }

  /** The strict checker finds nothing wrong; after a run that was cut off, nothing but what such a run may leave. */
  async check(options: { readonly cutOff?: boolean } = {}): Promise<Checked> {
    const passphrase = this.passphrase === undefined ? {} : { passphrase: this.passphrase }
    return expectSound(this.folder, { written: 'pullback', ...passphrase, ...options })
  }
}

export function localSource(path: string): BackupSource {
  return { source: new LocalSource({ path }), mountPath: path }
}

interface RunOptions {
  readonly signal?: AbortSignal
  /** Without it the run gives up at once when it is stopped. */
  readonly giveUp?: AbortSignal
  readonly clock?: Clock
  readonly progress?: Progress
}

export function runContext(options: RunOptions): {
  clock: Clock
  randomness: typeof systemRandomness
  progress: Progress
  signal: AbortSignal
  giveUp: AbortSignal
} {
  const {
    signal = new AbortController().signal,
    giveUp = signal,
    clock = systemClock,
    progress = new Progress(),
  } = options
  return { clock, randomness: systemRandomness, progress, signal, giveUp }
}

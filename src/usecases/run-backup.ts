// Makes one backup: opens the destination, reads the sources, leaves a version there.
import type { BackupReport } from '../engine/backup/backup-job.ts'
import type { CheckPlan } from '../engine/check/choose-volumes.ts'
import { runBackup } from '../engine/backup/run-backup.ts'
import { selectionRules, type SelectionOptions } from '../engine/select/selection-rules.ts'
import { spacePlan, type SpaceRequest } from './compact-backup.ts'
import { backupSet, type SetPlace } from './backup-set.ts'
import { backupSources } from './backup-sources.ts'
import { planAfterBackup, type RetentionRequest } from './delete-versions.ts'
import type { World } from './world.ts'

export interface BackupRequest extends SetPlace {
  readonly sources: readonly string[]
  /** Which entries of the sources are backed up. */
  readonly selection: SelectionOptions
  readonly blocksize: number | undefined
  readonly dryRun: boolean
  /** 0: never. */
  readonly rereadDays: number
  readonly allowRemoval: boolean
  readonly uploadUnchanged: boolean
  /** Which old versions go when the new one is there. */
  readonly retention: RetentionRequest
  readonly space: SpaceRequest
  /** Which volumes are read when all else is done. */
  readonly samples: CheckPlan
}

export async function backUp(request: BackupRequest, world: World): Promise<BackupReport> {
  const { addressOptions, dryRun } = request
  const sources = backupSources(request, world)
  const rules = selectionRules(request.selection)
  const retention = planAfterBackup(request.retention)
  const space = spacePlan(request.space, request.dblockSizeBytes)
  const target = world.adapters.target(request.targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: !dryRun }, world.signal)
    const { blocksize, uploadUnchanged, rereadDays, allowRemoval, samples } = request
    const how = { blocksize, dryRun, uploadUnchanged, rereadDays, allowRemoval, samples }
    const set = backupSet(request, target, world)
    return await runBackup({ ...set, sources, rules, ...how, retention, space }, world)
  } finally {
    await target.close()
  }
}

// Puts files of a version back.
import type { RestoreReport } from '../engine/restore/restore-job.ts'
import { runRestore } from '../engine/restore/run-restore.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import type { BackupPlace, World } from './world.ts'

export interface RestoreRequest extends BackupPlace {
  readonly version: VersionChoice
  readonly patterns: readonly string[]
  readonly restorePath: string | undefined
  readonly keepWholePaths: boolean
  readonly overwrite: boolean
  readonly restorePermissions: boolean
  readonly skipMetadata: boolean
  readonly dryRun: boolean
}

export async function restore(request: RestoreRequest, world: World): Promise<RestoreReport> {
  const { targetUrl, addressOptions, tempFolder, ...job } = request
  const target = world.adapters.target(targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await runRestore({ ...job, target, tempFolder: tempFolder ?? world.tempFolder }, world)
  } finally {
    await target.close()
  }
}

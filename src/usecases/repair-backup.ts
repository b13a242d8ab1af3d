// Makes good what can be made good of a backup.
import { repairBackup, type RepairReport } from '../engine/repair/repair-backup.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import type { World } from './world.ts'

export interface RepairRequest extends SetPlace {
  readonly dryRun: boolean
}

export async function repair(request: RepairRequest, world: World): Promise<RepairReport> {
  return withBackupSet(request, world, (set) => repairBackup({ ...set, dryRun: request.dryRun }, world))
}

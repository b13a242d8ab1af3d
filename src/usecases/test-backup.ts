// Looks whether a backup can be read: some of its volumes or all, as a whole.
import { checkBackup, type CheckReport } from '../engine/check/check-backup.ts'
import type { CheckPlan } from '../engine/check/choose-volumes.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import type { World } from './world.ts'

export interface TestRequest extends SetPlace {
  readonly plan: CheckPlan
}

export async function testBackup(request: TestRequest, world: World): Promise<CheckReport> {
  return withBackupSet(request, world, (set) => checkBackup({ ...set, plan: request.plan }, world))
}

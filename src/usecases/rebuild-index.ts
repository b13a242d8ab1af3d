// Builds the index of a backup anew from its destination.
import { pause } from '../base/pause.ts'
import { rebuildSet, type RebuildReport } from '../engine/rebuild/rebuild-set.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import type { World } from './world.ts'

export interface RebuildRequest extends SetPlace {
  readonly dryRun: boolean
}

export async function rebuild(request: RebuildRequest, world: World): Promise<RebuildReport> {
  return withBackupSet(request, world, (set) => rebuildSet({ ...set, dryRun: request.dryRun, pause }, world))
}

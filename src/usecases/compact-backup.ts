// Gives back the space at a destination that no version needs.
import { compactSet, type CompactReport } from '../engine/space/compact-set.ts'
import { deleteDue, type DeletedVolumes } from '../engine/space/delete-due.ts'
import type { SpacePlan } from '../engine/space/tidy-space.ts'
import { withOpenSet } from '../engine/set/open-set.ts'
import { backupSet, type SetPlace } from './backup-set.ts'
import type { World } from './world.ts'

export interface SpaceRequest {
  readonly thresholdPercent: number
  /** Undefined: a fifth of the size of volumes. */
  readonly smallFileSizeBytes: number | undefined
  readonly smallFileMaxCount: number
  readonly deleteAfterMs: number
  readonly auto: boolean
  readonly autoIntervalMs: number
}

export interface CompactRequest extends SetPlace {
  readonly space: SpaceRequest
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean
}

export interface CompactedReport extends CompactReport {
  readonly deleted: DeletedVolumes | undefined
  readonly warnings: readonly string[]
}

export async function compact(request: CompactRequest, world: World): Promise<CompactedReport> {
  const { dryRun } = request
  const plan = spacePlan(request.space, request.dblockSizeBytes)
  const target = world.adapters.target(request.targetUrl, request.addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    const set = backupSet(request, target, world)
    return await withOpenSet({ set, run: world, dryRun, makesRoom: true }, async (open) => {
      const report = await compactSet(open, { ...plan, dryRun })
      const deleted = dryRun ? undefined : await deleteDue(open)
      return { ...report, deleted, warnings: open.warnings }
    })
  } finally {
    await target.close()
  }
}

export function spacePlan(request: SpaceRequest, dblockSizeBytes: number): SpacePlan {
  const { thresholdPercent, smallFileMaxCount, deleteAfterMs, auto, autoIntervalMs } = request
  const smallFileSizeBytes = request.smallFileSizeBytes ?? Math.floor(dblockSizeBytes / 5)
  const rules = { dblockSizeBytes, thresholdPercent, smallFileSizeBytes, smallFileMaxCount }
  return { rules, deleteAfterMs, auto, autoIntervalMs }
}

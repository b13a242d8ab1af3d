// Takes what cannot come back out of the versions that list it, and gives back the space of what is of no use any more.
import { withOpenSet } from '../engine/set/open-set.ts'
import { purgeBroken, type PurgeBrokenReport } from '../engine/space/purge-broken.ts'
import { tidySpace, type SpaceReport } from '../engine/space/tidy-space.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import { spacePlan, type SpaceRequest } from './compact-backup.ts'
import type { World } from './world.ts'

export interface PurgeBrokenRequest extends SetPlace {
  readonly space: SpaceRequest
  /** Says what would go, and why not if it would be refused, and changes nothing. */
  readonly dryRun: boolean
  /** A person said yes to what they may be asked about. */
  readonly isConfirmed: boolean
  /** At most so many paths of each version are named. */
  readonly listed: number
}

export interface PurgedBrokenReport extends PurgeBrokenReport {
  readonly indexRebuilt: boolean
  /** What was done about space; undefined in a dry run, when nothing was changed, or when it failed. */
  readonly space: SpaceReport | undefined
  readonly warnings: readonly string[]
}

/** `VersionPinned`, `LastFullVersion` or `RemovalRefused` when nothing may be changed. */
export async function purgeBrokenFiles(
  request: PurgeBrokenRequest,
  world: World,
): Promise<PurgedBrokenReport> {
  const { dryRun, isConfirmed, listed } = request
  const spaceAfter = spacePlan(request.space, request.dblockSizeBytes)
  const { deleteAfterMs } = spaceAfter
  return withBackupSet(request, world, (set) =>
    withOpenSet({ set, run: world, dryRun }, async (open) => {
      const report = await purgeBroken(open, { dryRun, isConfirmed, listed, deleteAfterMs })
      const isChanged = !dryRun && report.versions.length > 0
      const space = isChanged ? await tidySpace(open, spaceAfter, { versionsDeleted: true }) : undefined
      return { ...report, indexRebuilt: open.indexRebuilt, space, warnings: open.warnings }
    }),
  )
}

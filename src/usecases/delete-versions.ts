// Deletes old versions of a backup: those that a person names, and those that the rules do not keep. And pins: a
// version that is pinned stays until it is unpinned.
import {
  applyRetention,
  type RetentionPlan,
  type RetentionReport,
} from '../engine/retention/apply-retention.ts'
import { pinVersion, unpinVersion, type PinReport } from '../engine/retention/pins.ts'
import { retentionRules, type RetentionOptions } from '../engine/retention/retention-rules.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import { withOpenSet } from '../engine/set/open-set.ts'
import type { Target } from '../targets/target.ts'
import { tidySpace, type SpaceReport } from '../engine/space/tidy-space.ts'
import { backupSet, type SetPlace } from './backup-set.ts'
import { spacePlan, type SpaceRequest } from './compact-backup.ts'
import type { BackupPlace, World } from './world.ts'

export interface RetentionRequest extends RetentionOptions {
  /** A person said yes to what they may be asked about. */
  readonly isConfirmed: boolean
}

export interface DeleteRequest extends SetPlace {
  readonly retention: RetentionRequest
  readonly space: SpaceRequest
  readonly named: readonly VersionChoice[]
  /** Says what would go, and why, and deletes nothing. */
  readonly dryRun: boolean
}

export interface DeleteReport extends RetentionReport {
  /** What was done about space; undefined in a dry run, or when it failed. */
  readonly space: SpaceReport | undefined
  readonly warnings: readonly string[]
}

/** `LastFullVersion`, `VersionPinned` or `RemovalRefused` when nothing may be deleted; a dry run reports that. */
export async function deleteVersions(request: DeleteRequest, world: World): Promise<DeleteReport> {
  const { named, dryRun } = request
  const plan = { ...planOf(request.retention), named, dryRun }
  const spaceAfter = spacePlan(request.space, request.dblockSizeBytes)
  return withTarget(request, world, (target) => {
    const set = backupSet(request, target, world)
    return withOpenSet({ set, run: world, dryRun, makesRoom: true }, async (open) => {
      const report = await applyRetention(open, plan)
      if (report.refused && !dryRun) throw report.refused
      const versionsDeleted = report.deletedMs.length > 0
      const space = dryRun ? undefined : await tidySpace(open, spaceAfter, { versionsDeleted })
      return { ...report, space, warnings: open.warnings }
    })
  })
}

/** What the rules make of the versions after a backup; undefined if nothing was asked for. */
export function planAfterBackup(retention: RetentionRequest): RetentionPlan | undefined {
  const plan = planOf(retention)
  return plan.rules && { ...plan, named: [], dryRun: false }
}

export async function setPin(
  request: BackupPlace & { readonly version: VersionChoice; readonly isPinned: boolean },
  world: World,
): Promise<PinReport> {
  const { prefix, version, isPinned } = request
  const change = isPinned ? pinVersion : unpinVersion
  return withTarget(request, world, (target) => change({ target, prefix, version }, world.signal))
}

function planOf(retention: RetentionRequest): Omit<RetentionPlan, 'named' | 'dryRun'> {
  // Days and months are those of the place where Pullback runs.
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return { rules: retentionRules(retention), isConfirmed: retention.isConfirmed, timeZone }
}

async function withTarget<T>(
  place: BackupPlace,
  world: World,
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = world.adapters.target(place.targetUrl, place.addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await work(target)
  } finally {
    await target.close()
  }
}

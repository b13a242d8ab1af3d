// Proves that a backup comes back, by restoring some of it and comparing; and tells what such drills have shown.
import { readHistory, type DrillRecord } from '../engine/drill/drill-history.ts'
import type { DrillReport } from '../engine/drill/drill-job.ts'
import { runDrill } from '../engine/drill/run-drill.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import { backupSet, withBackupSet, type SetPlace } from './backup-set.ts'
import { backupSources } from './backup-sources.ts'
import type { World } from './world.ts'

export interface DrillRequest extends SetPlace {
  readonly sources: readonly string[]
  readonly version: VersionChoice
  /** At most so many files, */
  readonly files: number
  /** of at most so many bytes together. */
  readonly bytes: number
  /** Undefined: by chance. */
  readonly seed: string | undefined
}

/** `BadArguments`, `NothingMatches`; a `source-gone` error if every source is lost. */
export async function drillBackup(request: DrillRequest, world: World): Promise<DrillReport> {
  const { version, files, bytes, seed } = request
  const sources = backupSources(request, world)
  return withBackupSet(request, world, (set) =>
    runDrill({ ...set, sources, version, files, bytes, seed }, world),
  )
}

/** The drills of a backup that were made here, newest first. The destination is not asked. */
export function drillHistory(place: SetPlace, world: World): DrillRecord[] {
  const target = world.adapters.target(place.targetUrl, place.addressOptions)
  return readHistory(backupSet(place, target, world).indexPath).reverse()
}

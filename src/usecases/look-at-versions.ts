// Questions about versions that the index answers: what cannot come back, what depends on a volume, what changed.
import { affectedBy, listBrokenFiles, type BrokenReport } from '../engine/check/broken-files.ts'
import { compareVersions, type CompareReport } from '../engine/check/compare-versions.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import type { World } from './world.ts'

interface Listing extends SetPlace {
  /** At most so many of a kind are named. */
  readonly listed: number
}

export async function brokenFiles(request: Listing, world: World): Promise<BrokenReport> {
  const { listed } = request
  return withBackupSet(request, world, (set) => listBrokenFiles({ ...set, listed }, world))
}

export async function affected(
  request: Listing & { readonly names: readonly string[] },
  world: World,
): Promise<BrokenReport> {
  const { listed, names } = request
  return withBackupSet(request, world, (set) => affectedBy({ ...set, listed, names }, world))
}

export async function compare(
  request: Listing & { readonly base: VersionChoice; readonly to: VersionChoice },
  world: World,
): Promise<CompareReport> {
  const { listed, base, to } = request
  return withBackupSet(request, world, (set) => compareVersions({ ...set, listed, base, to }, world))
}

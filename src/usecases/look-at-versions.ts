// Questions about versions that the index answers: what cannot come back, what depends on a volume, what changed from
// one to another, or since at the sources.
import { affectedBy, listBrokenFiles, type BrokenReport } from '../engine/check/broken-files.ts'
import { compareVersions, type CompareReport } from '../engine/compare/compare-versions.ts'
import { compareSource, type CompareSourceReport } from '../engine/compare/compare-source.ts'
import { selectionRules, type SelectionOptions } from '../engine/select/selection-rules.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import { withBackupSet, type SetPlace } from './backup-set.ts'
import { backupSources } from './backup-sources.ts'
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

export interface CompareSourceRequest extends Listing {
  readonly version: VersionChoice
  readonly sources: readonly string[]
  /** As a backup has it: what it leaves out is not compared. */
  readonly selection: SelectionOptions
  /** Contents of files that look unchanged are read, too. */
  readonly readContents: boolean
}

/** Fails with a `source-gone` error if no source could be looked at to its end, or `BadArguments`. */
export async function compareWithSources(
  request: CompareSourceRequest,
  world: World,
): Promise<CompareSourceReport> {
  const { version, readContents, listed } = request
  const rules = selectionRules(request.selection)
  const sources = backupSources(request, world)
  return withBackupSet(request, world, (set) =>
    compareSource({ ...set, version, sources, rules, readContents, listed }, world),
  )
}

// Takes files out of versions that are there: those that a person names by paths, or by filters.
import { PullbackError } from '../base/errors.ts'
import { purgeVersions, type PurgeReport } from '../engine/space/purge-versions.ts'
import { tidySpace, type SpaceReport } from '../engine/space/tidy-space.ts'
import { filterList, type Filter } from '../engine/select/filter-list.ts'
import { anyPattern } from '../engine/select/path-pattern.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import { withOpenSet } from '../engine/set/open-set.ts'
import { backupSet, type SetPlace } from './backup-set.ts'
import { spacePlan, type SpaceRequest } from './compact-backup.ts'
import type { World } from './world.ts'

export interface PurgeRequest extends SetPlace {
  /** Paths and patterns, as restore takes them. Either these or filters. */
  readonly patterns: readonly string[]
  /** What the deciding one includes goes. */
  readonly filters: readonly Filter[]
  /** None: all. */
  readonly versions: readonly VersionChoice[]
  readonly space: SpaceRequest
  /** Says what would go, and changes nothing. */
  readonly dryRun: boolean
}

export interface PurgedReport extends PurgeReport {
  /** What was done about space; undefined in a dry run, or when it failed. */
  readonly space: SpaceReport | undefined
  readonly warnings: readonly string[]
}

/** `BadArguments`, `NothingMatches`; `VersionPinned` or `RemovalRefused` when nothing may be changed. */
export async function purge(request: PurgeRequest, world: World): Promise<PurgedReport> {
  const { versions, dryRun } = request
  const spaceAfter = spacePlan(request.space, request.dblockSizeBytes)
  const order = { matches: matcherOf(request), versions, dryRun }
  const target = world.adapters.target(request.targetUrl, request.addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await withOpenSet({ set: backupSet(request, target, world), run: world, dryRun }, async (open) => {
      const report = await purgeVersions(open, order)
      const space = dryRun ? undefined : await tidySpace(open, spaceAfter, { versionsDeleted: true })
      return { ...report, space, warnings: open.warnings }
    })
  } finally {
    await target.close()
  }
}

function matcherOf({ patterns, filters }: PurgeRequest): (path: string) => boolean {
  const includes = filters.some(({ kind }) => kind === 'include')
  if (patterns.length > 0 === includes || (patterns.length > 0 && filters.length > 0)) {
    throw new PullbackError('BadArguments', {
      what: 'purge is told what goes by paths, or by filters of which at least one is an --include',
    })
  }
  if (patterns.length > 0) return anyPattern(patterns)
  const list = filterList(filters)
  return (path) => {
    const at = list.deciding([path])
    return at !== undefined && list.filters[at]?.kind === 'include'
  }
}

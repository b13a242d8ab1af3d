// What a backup does about space once its version is confirmed and old ones are gone: compacts if that is worth it, and
// deletes what has waited long enough. The backup has succeeded by then: whatever goes wrong here is a warning in its
// report, and the next run tries again. Only an index that failed ends the run.
import { isPullbackError } from '../../base/errors.ts'
import { isPresent } from '../../index-db/volume-table.ts'
import type { MatchedSet } from '../set/open-set.ts'
import { areManySmall } from './compact-plan.ts'
import { compactSet, type CompactOrder, type CompactReport } from './compact-set.ts'
import { deleteDue, type DeletedVolumes } from './delete-due.ts'

export interface SpacePlan extends Omit<CompactOrder, 'dryRun'> {
  /** Compact by itself when it is worth it. */
  readonly auto: boolean
  /** Not more often than this by itself. */
  readonly autoIntervalMs: number
}

export interface SpaceReport {
  /** Undefined when there was no reason to compact. */
  readonly compacted: CompactReport | undefined
  readonly deleted: DeletedVolumes
}

/** Undefined when something went wrong, which is among the warnings then. */
export async function tidySpace(
  open: MatchedSet,
  plan: SpacePlan,
  news: { readonly versionsDeleted: boolean },
): Promise<SpaceReport | undefined> {
  try {
    const compacted = isReason(open, plan, news.versionsDeleted)
      ? await compactSet(open, { ...plan, dryRun: false })
      : undefined
    return { compacted, deleted: await deleteDue(open) }
  } catch (error) {
    if (!isPullbackError(error) || error.kind === 'index') throw error
    open.warnings.push(`space was not given back: ${error.what}; the next run tries again`)
    return undefined
  }
}

/** Cheap to say: what is not needed is only looked for when versions went, or when small volumes pile up. */
function isReason({ index, run }: MatchedSet, plan: SpacePlan, versionsDeleted: boolean): boolean {
  if (!plan.auto) return false
  const lastMs = Number(index.setting('compacted') ?? Number.NEGATIVE_INFINITY)
  const nowMs = run.clock.nowMs()
  if (nowMs - lastMs < plan.autoIntervalMs) return false
  const { smallFileSizeBytes } = plan.rules
  const dblocks = index.volumes.all().filter((row) => row.kind === 'dblock' && isPresent(row))
  const small = dblocks
    .map(({ sizeBytes = 0 }) => ({ sizeBytes }))
    .filter((one) => one.sizeBytes <= smallFileSizeBytes)
  const isWorthIt = versionsDeleted || areManySmall(small, plan.rules)
  if (isWorthIt) index.set('compacted', String(nowMs))
  return isWorthIt
}

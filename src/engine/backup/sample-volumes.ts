// After a backup a few volumes of its destination are read as a whole, so that damage is found while what it cost is
// still at its source. The version stands whatever is found: it is told as an error of its own.
import { isPullbackError } from '../../base/errors.ts'
import { summarizeBroken, type BrokenSummary } from '../check/broken-entries.ts'
import { checkSamples, type SampleReport } from '../check/check-backup.ts'
import type { CheckPlan } from '../check/choose-volumes.ts'
import type { OpenSet } from '../set/open-set.ts'

export interface SampleResult extends SampleReport {
  /** What depends on blocks that are lost; undefined when all that was read is whole. */
  readonly broken: BrokenSummary | undefined
}

/** Undefined when none was asked for, or the destination could not be read just now, which is a warning. */
export async function sampleVolumes(
  open: OpenSet,
  plan: CheckPlan | undefined,
): Promise<SampleResult | undefined> {
  if (!plan || open.run.signal.aborted) return undefined
  try {
    const report = await checkSamples(open, plan)
    return { ...report, broken: report.faulty.length === 0 ? undefined : summarizeBroken(open.index) }
  } catch (error) {
    if (!isPullbackError(error) || error.kind === 'index') throw error
    open.warnings.push(`volumes were not tested: ${error.what}; the next run tries again`)
    return undefined
  }
}

// What a backup does about old versions once its own is confirmed. The backup has succeeded by then: whatever goes
// wrong here is a warning in its report, and the next run goes on. Only an index that failed ends the run.
import { isPullbackError } from '../../base/errors.ts'
import { applyRetention, type RetentionPlan, type RetentionReport } from '../retention/apply-retention.ts'
import { deleteVersions } from '../retention/delete-versions.ts'
import type { OpenSet } from '../set/open-set.ts'

/** Without a plan only what an earlier run began to delete is brought to its end. */
export async function thinVersions(
  open: OpenSet,
  plan: RetentionPlan | undefined,
): Promise<RetentionReport | undefined> {
  try {
    if (plan) {
      const report = await applyRetention(open, plan)
      const { refused } = report
      if (refused) open.warnings.push(`no old version was deleted: ${refused.what}. ${refused.advice}`)
      return report
    }
    await deleteVersions(open, [])
  } catch (error) {
    if (!isPullbackError(error) || error.kind === 'index') throw error
    open.warnings.push(`old versions were not deleted: ${error.what}; the next run tries again`)
  }
  return undefined
}

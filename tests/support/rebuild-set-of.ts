// Builds the index of a backup under test anew, as the command does.
import type { Pause } from '../../src/base/pause.ts'
import type { Progress } from '../../src/engine/progress.ts'
import { rebuildSet, type RebuildReport } from '../../src/engine/rebuild/rebuild-set.ts'
import type { Target } from '../../src/targets/target.ts'
import { runContext, type TestBackup } from './run-engine.ts'

export interface RebuildChanges {
  readonly target?: Target
  readonly dryRun?: boolean
  /** Where the index lies, or is to lie. */
  readonly indexPath?: string
  readonly pause?: Pause
  readonly progress?: Progress
}

const neverPaused: Pause = () => Promise.reject(new Error('there is nothing to wait for'))

export async function rebuildSetOf(backup: TestBackup, changes: RebuildChanges = {}): Promise<RebuildReport> {
  const { dryRun = false, pause = neverPaused, progress, ...others } = changes
  const set = backup.job([], others)
  await set.target.open({ create: false }, new AbortController().signal)
  try {
    return await rebuildSet({ ...set, dryRun, pause }, runContext(progress ? { progress } : {}))
  } finally {
    await set.target.close()
  }
}

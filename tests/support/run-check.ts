// Checks of the backup of a story, and the harm that they are to find.
import { readFileSync, writeFileSync } from 'node:fs'
import { checkBackup, type CheckReport } from '../../src/engine/check/check-backup.ts'
import type { CheckPlan } from '../../src/engine/check/choose-volumes.ts'
import type { BackupSet } from '../../src/engine/set/open-set.ts'
import type { BackupStory } from './backup-story.ts'
import { runContext } from './run-engine.ts'

export const everything: CheckPlan = { samples: 'all', samplePercent: 0, everythingInMs: 0 }

export async function checked(story: BackupStory, plan: CheckPlan = everything): Promise<CheckReport> {
  return withSetOf(story, (set) => checkBackup({ ...set, plan }, runContext({})))
}

/** The set of a story, its destination open. */
export async function withSetOf<T>(story: BackupStory, work: (set: BackupSet) => Promise<T>): Promise<T> {
  const set = story.backup.job([])
  await set.target.open({ create: false }, new AbortController().signal)
  try {
    return await work(set)
  } finally {
    await set.target.close()
  }
}

/** Changes one bit of a file, at this share of its length. */
export function flip(path: string, share: number): void {
  const bytes = readFileSync(path)
  const at = Math.floor(bytes.length * share)
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  writeFileSync(path, bytes)
}

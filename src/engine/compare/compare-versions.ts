// What was added, modified and deleted between two versions of a backup.
import { differenceBetween, type DifferentEntry } from '../../index-db/version-difference.ts'
import type { VersionChoice } from '../restore/choose-version.ts'
import type { RunContext } from '../run-context.ts'
import { withOpenSet, type BackupSet } from '../set/open-set.ts'
import { versionMeant } from './version-meant.ts'

export interface CompareJob extends BackupSet {
  readonly base: VersionChoice
  readonly to: VersionChoice
  /** At most so many entries of each kind are named. */
  readonly listed: number
}

export interface DifferentEntries {
  readonly count: number
  readonly bytes: number
  /** All of them, or the first few. */
  readonly entries: readonly { readonly path: string; readonly sizeBytes: number }[]
}

export interface CompareReport extends Readonly<Record<DifferentEntry['kind'], DifferentEntries>> {
  readonly baseMs: number
  readonly toMs: number
  readonly warnings: readonly string[]
}

export async function compareVersions(job: CompareJob, run: RunContext): Promise<CompareReport> {
  return withOpenSet({ set: job, run, sends: false }, async ({ index, warnings }) => {
    const [base, to] = [versionMeant(index, job.base), versionMeant(index, job.to)]
    const found = { added: none(), modified: none(), deleted: none() }
    for (const { kind, path, sizeBytes } of differenceBetween(index.database, { from: base.id, to: to.id })) {
      const list = found[kind]
      list.count += 1
      list.bytes += sizeBytes
      if (list.entries.length < job.listed) list.entries.push({ path, sizeBytes })
    }
    return { ...found, baseMs: base.timeMs, toMs: to.timeMs, warnings }
  })
}

function none(): { count: number; bytes: number; entries: { path: string; sizeBytes: number }[] } {
  return { count: 0, bytes: 0, entries: [] }
}

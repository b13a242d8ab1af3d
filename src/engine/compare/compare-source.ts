// A version held against the live sources that it was made from: what was added, removed or changed since, entry by
// entry, and on request whether contents are still those that were stored. Neither the sources nor the destination are
// written to.
import { isPullbackError, meaningHere } from '../../base/errors.ts'
import { VersionEntries } from '../../index-db/version-entries.ts'
import type { BackupSource, Gap, LostSource } from '../backup/backup-job.ts'
import type { VersionChoice } from '../restore/choose-version.ts'
import type { RunContext } from '../run-context.ts'
import type { SelectionRules } from '../select/selection-rules.ts'
import { withOpenSet, type BackupSet } from '../set/open-set.ts'
import { splitPath } from '../split-path.ts'
import { readOpenAspects, type UnreadMetadata } from './entry-aspects.ts'
import { SourceDifferences, type DifferenceKind, type Differences } from './source-differences.ts'
import { compareSourceWithVersion } from './source-comparer.ts'
import { versionMeant } from './version-meant.ts'

export interface CompareSourceJob extends BackupSet {
  readonly version: VersionChoice
  readonly sources: readonly BackupSource[]
  /** Which entries of the sources are compared: those that a backup would hold. */
  readonly rules: SelectionRules
  /** Contents of files that look unchanged are read, too. */
  readonly readContents: boolean
  /** At most so many entries of each kind are named. */
  readonly listed: number
}

/** `silent`: the bytes are others, and neither length nor time nor any other metadata shows it. */
export interface CompareSourceReport extends Readonly<Record<DifferenceKind, Differences>> {
  readonly versionMs: number
  /** As far as was looked: without contents, by metadata. */
  readonly unchanged: number
  readonly leftOut: number
  /** Entries of the version that lie under none of the sources. */
  readonly outside: number
  readonly filesRead: number
  readonly bytesRead: number
  /** What could not be compared: all of them; `gaps` may be the first ten thousand. */
  readonly gapCount: number
  readonly gaps: readonly Gap[]
  readonly lostSources: readonly LostSource[]
  readonly warnings: readonly string[]
}

const notCompared = 'What the version has of it was not compared; the backup is untouched.'

/** Fails with the error of the source if each of them is lost as a whole. */
export async function compareSource(job: CompareSourceJob, run: RunContext): Promise<CompareSourceReport> {
  return withOpenSet({ set: job, run, sends: false }, async ({ index, fetching, warnings }) => {
    const version = versionMeant(index, job.version)
    const entries = new VersionEntries(index.database, version.id)
    const found = new SourceDifferences(job.listed)
    const open: UnreadMetadata[] = []
    const lostSources: LostSource[] = []
    const { rules, readContents } = job
    for (const one of job.sources) {
      try {
        await compareSourceWithVersion(one, { entries, rules, readContents, found, open, run, warnings })
      } catch (error) {
        if (!isPullbackError(error) || error.kind !== 'source-gone') throw error
        lostSources.push({ label: one.source.label, error: meaningHere(error, notCompared) })
      } finally {
        await one.source.close()
      }
    }
    const [lost] = lostSources
    if (lost && lostSources.length === job.sources.length) throw lost.error
    run.progress.phase = 'reading metadata'
    await readOpenAspects(open, { index, fetching, warnings })
    const { unchanged, leftOut, filesRead, bytesRead, gapCount, gaps } = found
    return {
      versionMs: version.timeMs,
      added: found.of('added'),
      changed: found.of('changed'),
      removed: found.of('removed'),
      silent: found.of('silent'),
      unchanged,
      leftOut,
      filesRead,
      bytesRead,
      gapCount,
      gaps,
      outside: outside(entries, job.sources),
      lostSources,
      warnings,
    }
  })
}

function outside(entries: VersionEntries, sources: readonly BackupSource[]): number {
  let inside = 0
  for (const { mountPath } of sources) {
    const folder = mountPath === '/' ? '/' : `${mountPath}/`
    inside += entries.countBelow(folder)
    for (const root of new Set([mountPath, folder])) {
      const { folderText, name } = splitPath(root)
      if (entries.one(folderText, name)) inside += 1
    }
  }
  return entries.count() - inside
}

// How a command can end, and the exit code of each, as Duplicati's command line has them. Scripts depend on the codes
// and on the names (`outcome` of --json): both only grow.
import type { PullbackError } from '../base/errors.ts'
import type {
  BackupReport,
  CheckReport,
  CompareSourceReport,
  DrillReport,
  PurgedBrokenReport,
  RepairReport,
  RestoreReport,
  VersionSummary,
  ZipReport,
} from '../usecases/reports.ts'

export const outcomes = {
  success: { exitCode: 0, meaning: 'Everything was done.' },
  nothingUploaded: {
    exitCode: 1,
    meaning: 'A backup in which nothing had changed; no version was written.',
  },
  warnings: { exitCode: 2, meaning: 'Done, with gaps or warnings, each listed.' },
  errors: {
    exitCode: 3,
    meaning:
      'A source was lost as a whole, entries could not be restored, or something is damaged or changed without a sign.',
  },
  partial: { exitCode: 50, meaning: 'The version holds only part of what it should, and says so.' },
  failed: {
    exitCode: 100,
    meaning: 'The command failed or was stopped; the error says what that means for the data.',
  },
  wrongArguments: { exitCode: 200, meaning: 'The command line cannot be used as given.' },
} as const

export type OutcomeName = keyof typeof outcomes

export function outcomeOfBackup(report: BackupReport): OutcomeName {
  // A lost source makes the version partial, too: what was lost is the graver news.
  if (report.lostSources.length > 0 || report.samples?.faulty.length) return 'errors'
  if (report.version && !report.version.isFull) return 'partial'
  if (report.gaps.length > 0 || report.warnings.length > 0) return 'warnings'
  // Without a version something may still have been sent: blocks that were lost, stored again.
  return report.version || report.dryRun || report.uploadedFiles > 0 ? 'success' : 'nothingUploaded'
}

export function outcomeOfRestore(report: RestoreReport): OutcomeName {
  if (report.failed.length > 0) return 'errors'
  return report.warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfZip({ failed, warnings }: ZipReport): OutcomeName {
  if (failed.length > 0) return 'errors'
  return warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfList(versions: readonly VersionSummary[]): OutcomeName {
  return versions.some(({ contents }) => contents instanceof Error) ? 'warnings' : 'success'
}

export function outcomeOfCheck({ faulty, broken, examined, warnings }: CheckReport): OutcomeName {
  if (faulty.length > 0 || broken.entries > 0) return 'errors'
  if (examined.dblock + examined.dindex + examined.dlist === 0) return 'failed'
  return warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfRepair({ broken, warnings }: RepairReport): OutcomeName {
  return broken.entries > 0 || warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfCompareSource(report: CompareSourceReport): OutcomeName {
  if (report.lostSources.length > 0 || report.silent.count > 0) return 'errors'
  return report.gapCount > 0 || report.warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfDrill({ counts, lostSources, warnings }: DrillReport): OutcomeName {
  if (counts.lost + counts.differs + lostSources.length > 0) return 'errors'
  return counts.unseen > 0 || warnings.length > 0 ? 'warnings' : 'success'
}

export function outcomeOfPurgeBroken({ refused, waiting, warnings }: PurgedBrokenReport): OutcomeName {
  return refused || waiting > 0 || warnings.length > 0 ? 'warnings' : 'success'
}

/** What was asked for is not there to be done: the arguments were right. */
const notArguments: ReadonlySet<string> = new Set([
  'VersionMissing',
  'LastFullVersion',
  'VersionPinned',
  'RemovalRefused',
  'NothingMatches',
  'TargetFolderUnusable',
  'OutputUnusable',
])

export function outcomeOfError(error: PullbackError): OutcomeName {
  return error.kind === 'usage' && !notArguments.has(error.code) ? 'wrongArguments' : 'failed'
}

// Reports of runs in which nothing happened, but for what a test says.
import type { BackupReport, RestoreReport } from '../../src/usecases/reports.ts'

export function backupReport(values: Partial<BackupReport>): BackupReport {
  return {
    version: undefined,
    dryRun: false,
    indexRebuilt: false,
    entries: { files: 0, folders: 0, links: 0 },
    sourceBytes: 0,
    filesAdded: 0,
    filesChanged: 0,
    entriesRemoved: 0,
    filesRead: 0,
    bytesRead: 0,
    newBlocks: 0,
    newBlockBytes: 0,
    uploadedFiles: 0,
    uploadedBytes: 0,
    leftOut: { files: 0, folders: 0, links: 0 },
    specials: [],
    gaps: [],
    gapCount: 0,
    specialCount: 0,
    stopped: false,
    finishedMs: undefined,
    lostSources: [],
    samples: undefined,
    retention: undefined,
    space: undefined,
    warnings: [],
    ...values,
  }
}

export function restoreReport(values: Partial<RestoreReport>): RestoreReport {
  return {
    version: { timeMs: 0, isFull: true },
    dryRun: false,
    restorePath: '/x',
    files: 0,
    folders: 0,
    links: 0,
    bytes: 0,
    alreadyRight: 0,
    putBeside: [],
    failed: [],
    damaged: [],
    warnings: [],
    ...values,
  }
}

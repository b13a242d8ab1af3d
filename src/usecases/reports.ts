// What use cases are told and answer with. These are the engine's own shapes; the doors above know them from here.
export type { BackupReport, Gap } from '../engine/backup/backup-job.ts'
export type { JudgedEntry } from '../engine/select/judge-source.ts'
export type { FoundInVersion, GapsOfVersion, VersionSummary } from '../engine/browse/list-versions.ts'
export {
  usualSelection,
  type FileAttribute,
  type SelectionOptions,
} from '../engine/select/selection-rules.ts'
export type { DeleteReport } from './delete-versions.ts'
export type { PurgedReport } from './purge-entries.ts'
export type { RetentionReport } from '../engine/retention/apply-retention.ts'
export type { PinReport } from '../engine/retention/pins.ts'
export { Progress } from '../engine/progress.ts'
export type { DumpReport, WriteBytes } from '../engine/restore/outlets/dump-file.ts'
export type { ZipReport } from '../engine/restore/outlets/zip-version.ts'
export type { VersionChoice } from '../engine/restore/choose-version.ts'
export type { FilterTestReport } from './test-filters.ts'
export type { RestoreReport } from '../engine/restore/restore-job.ts'
export type { CheckReport } from '../engine/check/check-backup.ts'
export type { CheckPlan } from '../engine/check/choose-volumes.ts'
export type { SpaceReport } from '../engine/space/tidy-space.ts'
export type { CompactedReport } from './compact-backup.ts'
export type { RepairReport } from '../engine/repair/repair-backup.ts'
export type { BrokenReport } from '../engine/check/broken-files.ts'
export type { CompareReport } from '../engine/compare/compare-versions.ts'
export type { CompareSourceReport } from '../engine/compare/compare-source.ts'
export type { DrillReport } from '../engine/drill/drill-job.ts'
export type { DrillRecord } from '../engine/drill/drill-history.ts'

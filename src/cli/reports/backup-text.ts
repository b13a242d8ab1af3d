// What a backup did, in lines for people.
import { english as words } from '../../text/english.ts'
import { errorText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { durationText, momentText, sizeText } from '../../text/sizes.ts'
import type { BackupReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { thinnedText } from './retention-text.ts'
import { spaceText } from './space-text.ts'
import { damageLines } from './check-text.ts'
import { entriesText, field, gapLine, section, text } from './lines.ts'

const shortSpecials = 3
const { label, title } = words

export function backupText(report: BackupReport, options: ReportOptions): string {
  const { entries, leftOut, specials } = report
  const lines = [
    versionLine(report),
    ...(report.indexRebuilt ? [words.indexRebuilt()] : []),
    ...(report.finishedMs === undefined ? [] : [words.finished(momentText(report.finishedMs))]),
    field(label.seen, `${entriesText(entries)}, ${sizeText(report.sourceBytes)}`),
    field(label.changed, changesText(report)),
    field(label.read, `${words.files(report.filesRead)}, ${sizeText(report.bytesRead)}`),
    field(label.newData, `${words.blocks(report.newBlocks)}, ${sizeText(report.newBlockBytes)}`),
    field(label.uploaded, `${words.files(report.uploadedFiles)}, ${sizeText(report.uploadedBytes)}`),
    ...(report.retention ? [field(label.oldVersions, thinnedText(report.retention))] : []),
    ...spaceLine(report),
    field(label.took, durationText(options.elapsedMs)),
    ...(hasSome(leftOut) ? [field(label.leftOut, words.byFilters(entriesText(leftOut)))] : []),
    ...(specials.length > 0 ? [field(label.leftOut, specialsText(report))] : []),
    ...section(title.warnings, report.warnings.map(shown), options.full),
    ...section(title.gaps, report.gaps.map(gapLine), options.full),
  ]
  return text(lines) + backupErrors(report)
}

/** The part of the report that also a quiet run tells. */
export function backupErrors({ lostSources, samples }: BackupReport): string {
  const lost = lostSources.map(({ label: source, error }) => `${shown(source)}: ${errorText(error)}`)
  const damage = samples ? damageLines(samples, { full: true }) : []
  return text([...section(title.lostSources, lost, true), ...damage])
}

function versionLine({ version, dryRun, lostSources, stopped }: BackupReport): string {
  if (dryRun) return words.dryRun()
  if (version && stopped) return words.versionStopped(momentText(version.timeMs))
  if (version) return words.versionWritten(momentText(version.timeMs), version.isFull)
  return lostSources.length > 0 ? words.unchangedInTheRest() : words.unchanged()
}

function changesText({ filesAdded, filesChanged, entriesRemoved }: BackupReport): string {
  const changed = filesChanged.toLocaleString('en')
  return words.changes({ added: words.files(filesAdded), changed, gone: words.entriesGone(entriesRemoved) })
}

function hasSome({ files, folders, links }: BackupReport['leftOut']): boolean {
  return files + folders + links > 0
}

function specialsText({ specials, specialCount }: BackupReport): string {
  const first = specials.slice(0, shortSpecials).map((gap) => shown(gap.path))
  const more = specials.length > first.length ? ', …' : ''
  return `${words.specials(specialCount)}: ${first.join(', ')}${more}`
}

function spaceLine({ space }: BackupReport): string[] {
  const done = space && spaceText(space)
  return done === undefined ? [] : [field(label.space, done)]
}

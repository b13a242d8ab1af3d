// What a run did, in lines for people.
import { isPullbackError } from '../base/errors.ts'
import { english as words } from '../text/english.ts'
import { errorText, troubleText } from '../text/error-text.ts'
import { shown } from '../text/shown.ts'
import { durationText, momentText, sizeText } from '../text/sizes.ts'
import type { BackupReport, FoundInVersion, Gap, RestoreReport, VersionSummary } from '../usecases/reports.ts'

export interface ReportOptions {
  readonly elapsedMs: number
  /** List everything, however long. */
  readonly full: boolean
}

const shortList = 20
const shortSpecials = 3
const { label, title } = words

export function backupText(report: BackupReport, options: ReportOptions): string {
  const { entries, specials } = report
  const lines = [
    versionLine(report),
    ...(report.indexRebuilt ? [words.indexRebuilt()] : []),
    field(label.seen, `${entriesText(entries)}, ${sizeText(report.sourceBytes)}`),
    field(label.changed, changesText(report)),
    field(label.read, `${words.files(report.filesRead)}, ${sizeText(report.bytesRead)}`),
    field(label.newData, `${words.blocks(report.newBlocks)}, ${sizeText(report.newBlockBytes)}`),
    field(label.uploaded, `${words.files(report.uploadedFiles)}, ${sizeText(report.uploadedBytes)}`),
    field(label.took, durationText(options.elapsedMs)),
    ...(specials.length > 0 ? [field(label.leftOut, specialsText(specials))] : []),
    ...section(title.warnings, report.warnings.map(shown), options.full),
    ...section(title.gaps, report.gaps.map(gapLine), options.full),
  ]
  return text(lines) + backupErrors(report)
}

/** The part of the report that also a quiet run tells. */
export function backupErrors({ lostSources }: BackupReport): string {
  const lost = lostSources.map(({ label: source, error }) => `${shown(source)}: ${errorText(error)}`)
  return text(section(title.lostSources, lost, true))
}

export function restoreText(report: RestoreReport, options: ReportOptions): string {
  const { version, putBeside, alreadyRight } = report
  const done = report.dryRun ? label.wouldRestore : label.restored
  const lines = [
    words.versionRestored(momentText(version.timeMs), version.isFull),
    field(done, `${entriesText(report)}, ${sizeText(report.bytes)}`),
    field(label.to, shown(report.restorePath)),
    ...(alreadyRight > 0 ? [field(label.alreadyRight, words.files(alreadyRight))] : []),
    field(label.took, durationText(options.elapsedMs)),
    ...section(
      title.putBeside,
      putBeside.map(({ path, as }) => words.putAs(shown(path), shown(as))),
      options.full,
    ),
    ...section(title.warnings, report.warnings.map(shown), options.full),
  ]
  return text(lines) + restoreErrors(report, options)
}

/** The part of the report that also a quiet run tells. */
export function restoreErrors({ failed }: RestoreReport, options: ReportOptions): string {
  return text(section(title.notRestored, failed.map(gapLine), options.full))
}

export function versionsText(versions: readonly VersionSummary[]): string {
  return text(
    versions.map(({ number, timeMs, contents }) => {
      const head = `${number}\t${momentText(timeMs)}\t`
      if (isPullbackError(contents)) return head + words.versionUnreadable(errorText(contents))
      const { files, bytes, isFull } = contents
      return head + words.versionContents({ files: words.files(files), size: sizeText(bytes), isFull })
    }),
  )
}

export function foundText(found: readonly FoundInVersion[]): string {
  if (found.length === 0) return text([words.nothingMatches()])
  return text(
    found.flatMap(({ number, timeMs, entries }) => [
      words.versionHead(number, momentText(timeMs)),
      ...entries.map(
        ({ path, kind, sizeBytes }) =>
          `  ${shown(path)}${kind === 'file' ? `  (${sizeText(sizeBytes)})` : ''}`,
      ),
    ]),
  )
}

function versionLine({ version, dryRun, lostSources }: BackupReport): string {
  if (dryRun) return words.dryRun()
  if (version) return words.versionWritten(momentText(version.timeMs), version.isFull)
  return lostSources.length > 0 ? words.unchangedInTheRest() : words.unchanged()
}

function entriesText(counts: { files: number; folders: number; links: number }): string {
  return [words.files(counts.files), words.folders(counts.folders), words.links(counts.links)].join(', ')
}

function changesText({ filesAdded, filesChanged, entriesRemoved }: BackupReport): string {
  const changed = filesChanged.toLocaleString('en')
  return words.changes({ added: words.files(filesAdded), changed, gone: words.entriesGone(entriesRemoved) })
}

function specialsText(specials: readonly Gap[]): string {
  const first = specials.slice(0, shortSpecials).map((gap) => shown(gap.path))
  const more = specials.length > first.length ? ', …' : ''
  return `${words.specials(specials.length)}: ${first.join(', ')}${more}`
}

function gapLine({ path, error }: Gap): string {
  return troubleText(path, error)
}

/** Labels of one width, so that what they name stands in a column. */
function field(name: string, value: string): string {
  return `  ${name.padEnd(8)}  ${value}`
}

function section(name: string, items: readonly string[], full: boolean): string[] {
  if (items.length === 0) return []
  const listed = full ? items : items.slice(0, shortList)
  const more = items.length - listed.length
  const rest = more > 0 ? [`  ${words.more(more.toLocaleString('en'))}`] : []
  return [`${name} (${items.length.toLocaleString('en')}):`, ...listed.map((item) => `  ${item}`), ...rest]
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

// What came out of a backup by `dump` and `zip`, in lines for people.
import { english as words } from '../../text/english.ts'
import { shown } from '../../text/shown.ts'
import { durationText, momentText, sizeText } from '../../text/sizes.ts'
import type { DumpReport, ZipReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { entriesText, field, section, text } from './lines.ts'
import { restoreErrors } from './restore-text.ts'

const { label, title } = words

export function zipText(report: ZipReport, options: ReportOptions & { readonly output: string }): string {
  const { version, warnings } = report
  const lines = [
    words.versionRestored(momentText(version.timeMs), version.isFull),
    field(label.packed, `${entriesText(report)}, ${sizeText(report.bytes)}`),
    field(label.to, `${shown(options.output)}, ${sizeText(report.archiveBytes)}`),
    field(label.took, durationText(options.elapsedMs)),
    ...section(title.warnings, warnings.map(shown), options.full),
  ]
  return text(lines) + restoreErrors(report, options)
}

/** Nothing, if all went well: what matters is in the other output. */
export function dumpText({ warnings }: DumpReport, options: ReportOptions): string {
  return text(section(title.warnings, warnings.map(shown), options.full))
}

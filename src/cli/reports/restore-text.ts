// What a restore did, in lines for people.
import { english as words } from '../../text/english.ts'
import { shown } from '../../text/shown.ts'
import { durationText, momentText, sizeText } from '../../text/sizes.ts'
import type { RestoreReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { entriesText, field, gapLine, section, text } from './lines.ts'

const { label, title } = words

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
    ...section(title.damaged, report.damaged.map(damagedLine), options.full),
    ...section(title.warnings, report.warnings.map(shown), options.full),
  ]
  return text(lines) + restoreErrors(report, options)
}

function damagedLine({ path, as, lostBytes, lost }: RestoreReport['damaged'][number]): string {
  const ranges = lost.map(({ offsetBytes, lengthBytes }) => `${offsetBytes}-${offsetBytes + lengthBytes - 1}`)
  const named = lost.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  return words.leftOf({
    path: shown(path),
    as: shown(as),
    lost: sizeText(lostBytes),
    ranges: named < lostBytes ? [...ranges, '…'] : ranges,
  })
}

/** The part of the report that also a quiet run tells. */
export function restoreErrors({ failed }: Pick<RestoreReport, 'failed'>, options: ReportOptions): string {
  return text(section(title.notRestored, failed.map(gapLine), options.full))
}

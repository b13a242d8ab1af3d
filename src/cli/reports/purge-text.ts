// What was taken out of which version, in lines for people.
import { english } from '../../text/english.ts'
import { purgeWords as words } from '../../text/english-purge.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { PurgedReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { section, text } from './lines.ts'
import { spaceText } from './space-text.ts'

export function purgeText(report: PurgedReport, { full }: ReportOptions): string {
  const { dryRun, versions, paths, pathCount, waiting, warnings } = report
  const lines = versions.map(({ timeMs, newTimeMs, entries, bytes }) => {
    const moment = momentText(timeMs)
    const to = newTimeMs === undefined ? undefined : momentText(newTimeMs)
    return words.version({ moment, to, entries: english.entries(entries), size: sizeText(bytes) })
  })
  const spaceLine = report.space && spaceText(report.space)
  const unnamed = pathCount - paths.length
  return text([
    ...(dryRun ? [words.dryRun()] : [words.done(pathCount, versions.length)]),
    ...(waiting > 0 ? [words.waiting(waiting)] : []),
    ...(spaceLine === undefined ? [] : [spaceLine]),
    ...section(dryRun ? words.wouldChange : words.changed, lines, full || dryRun),
    // A preview that left out lines would be none.
    ...section(dryRun ? words.wouldGo : words.gone, paths.map(shown), full || dryRun),
    ...(unnamed > 0 ? [words.unnamed(unnamed)] : []),
    ...section(english.title.warnings, warnings.map(shown), full),
  ])
}

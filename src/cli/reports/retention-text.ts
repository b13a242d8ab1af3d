// Which versions stay and which go, each with its reason, in lines for people.
import { shown } from '../../text/shown.ts'
import { english } from '../../text/english.ts'
import { retentionWords as words } from '../../text/english-retention.ts'
import { momentText } from '../../text/sizes.ts'
import type { DeleteReport, PinReport, RetentionReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { spaceText } from './space-text.ts'
import { section, text } from './lines.ts'

type Verdict = RetentionReport['verdicts'][number]

export function deletionText(report: DeleteReport, { full }: ReportOptions): string {
  const { verdicts, dryRun, refused, waiting, warnings } = report
  const going = verdicts.filter((one) => !one.keep)
  const kept = verdicts.filter((one) => one.keep)
  const goingTitle = refused ? words.notDeleted : dryRun ? words.wouldGo : words.goes
  const spaceLine = report.space && spaceText(report.space)
  const isDone = !dryRun && (going.length > 0 || report.deletedMs.length > 0)
  return text([
    ...(isDone ? [words.deleted(report.deletedMs.length, kept.length)] : []),
    ...(dryRun ? [words.dryRun()] : []),
    ...(going.length === 0 && report.deletedMs.length === 0 ? [words.nothingToDelete()] : []),
    ...(waiting > 0 ? [words.waiting(waiting)] : []),
    ...(spaceLine === undefined ? [] : [spaceLine]),
    ...(refused ? [words.refused(refused.what, refused.advice)] : []),
    // A preview that left out lines would be none.
    ...section(goingTitle, going.map(verdictLine), full || dryRun),
    ...section(words.kept, kept.map(verdictLine), full || dryRun),
    ...section(english.title.warnings, warnings.map(shown), full),
  ])
}

/** One line in the report of a backup. */
export function thinnedText({ deletedMs, verdicts }: RetentionReport): string {
  return words.deleted(deletedMs.length, verdicts.length - deletedMs.length)
}

export function pinText({ timeMs, isPinned, changed }: PinReport): string {
  const moment = momentText(timeMs)
  return text([isPinned ? words.pinned(moment, changed) : words.unpinned(moment, changed)])
}

function verdictLine(verdict: Verdict): string {
  const reasons = verdict.keep ? verdict.reasons.map(keepText) : verdict.reasons.map(deleteText)
  const number = String(verdict.number).padStart(4)
  const isPartial = verdict.isFull ? '' : ' (partial)'
  return `${number}  ${momentText(verdict.timeMs)}${isPartial}  ${reasons.join('; ')}`
}

function keepText(reason: Extract<Verdict, { keep: true }>['reasons'][number]): string {
  switch (reason.why) {
    case 'keep-time':
      return words.keep['keep-time'](reason)
    case 'keep-versions':
      return words.keep['keep-versions'](reason)
    case 'first-of-period':
    case 'early-run':
      return words.keep[reason.why](reason)
    case 'frame-keeps-all':
    case 'partial-in-frame':
      return words.keep[reason.why](reason)
    default:
      return words.keep[reason.why]()
  }
}

function deleteText(reason: Extract<Verdict, { keep: false }>['reasons'][number]): string {
  switch (reason.why) {
    case 'keep-time':
      return words.remove['keep-time'](reason)
    case 'keep-versions':
      return words.remove['keep-versions'](reason)
    case 'period-has-one':
      return words.remove['period-has-one'](reason)
    default:
      return words.remove[reason.why]()
  }
}

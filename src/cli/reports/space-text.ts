// What was done about space at the destination, in lines for people.
import { english } from '../../text/english.ts'
import { spaceWords as words } from '../../text/english-space.ts'
import { errorText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { CompactedReport, SpaceReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { section, text } from './lines.ts'

type Step = CompactedReport['dropped'][number]

export function compactText(report: CompactedReport, options: ReportOptions): string {
  const { dropped, rewritten, unreadable, dryRun, deleted, warnings, deleteFromMs } = report
  const full = options.full || dryRun
  const freed = sizeText(report.freedBytes)
  const written = writtenText(report)
  const isNothing = dropped.length + rewritten.length === 0
  return text([
    ...(dryRun ? [words.dryRun()] : []),
    isNothing ? words.nothing() : dryRun ? words.wouldFree({ freed }) : words.freed({ freed, written }),
    ...(deleteFromMs === undefined ? [] : [words.deleteFrom(momentText(deleteFromMs))]),
    ...(deleted && deleted.files > 0
      ? [words.deleted(english.files(deleted.files), sizeText(deleted.bytes))]
      : []),
    ...(deleted && deleted.waiting > 0 && deleteFromMs === undefined
      ? [words.waiting(english.files(deleted.waiting))]
      : []),
    ...section(words.dropped, dropped.map(stepLine), full),
    ...section(words.rewritten, rewritten.map(stepLine), full),
    ...section(
      words.unreadable,
      unreadable.map(({ name, error }) => `${name}: ${errorText(error)}`),
      full,
    ),
    ...section(english.title.warnings, warnings.map(shown), full),
  ])
}

/** One line in the report of a backup; undefined when nothing was done. */
export function spaceText({ compacted, deleted }: SpaceReport): string | undefined {
  const parts = [
    ...(compacted && compacted.freedBytes > 0
      ? [words.freed({ freed: sizeText(compacted.freedBytes), written: writtenText(compacted) })]
      : []),
    ...(deleted.files > 0 ? [words.deleted(english.files(deleted.files), sizeText(deleted.bytes))] : []),
  ]
  return parts.length > 0 ? parts.join(' ') : undefined
}

function writtenText({ writtenBytes }: { readonly writtenBytes: number }): string | undefined {
  return writtenBytes > 0 ? sizeText(writtenBytes) : undefined
}

function stepLine(step: Step): string {
  const { name, sizeBytes, bytes, neededBytes, reason } = step
  const percent = bytes === 0 ? 100 : Math.round(((bytes - neededBytes) * 100) / bytes)
  const why = reason === 'wasteful' ? words.reason.wasteful(percent) : words.reason[reason]()
  return `${name} (${sizeText(sizeBytes)}): ${why}`
}

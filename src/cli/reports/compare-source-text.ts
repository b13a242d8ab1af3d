// In what sources differ from a version, in lines for people.
import { compareWords as words } from '../../text/english-compare.ts'
import { english } from '../../text/english.ts'
import { errorText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { CompareSourceReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { gapLine, section, text } from './lines.ts'

export function compareSourceText(
  report: CompareSourceReport,
  { full }: Pick<ReportOptions, 'full'>,
): string {
  const { gaps, gapCount, lostSources, warnings, leftOut, outside, filesRead, silent } = report
  const lost = lostSources.map(({ label, error }) => `${shown(label)}: ${errorText(error)}`)
  const unlisted = gapCount - gaps.length
  return text([
    words.compared(momentText(report.versionMs)),
    ...(['added', 'changed', 'removed'] as const).flatMap((kind) => kindLines(report, kind)),
    words.unchanged(english.entries(report.unchanged)),
    ...(filesRead > 0
      ? [words.read({ files: english.files(filesRead), size: sizeText(report.bytesRead) })]
      : []),
    ...(leftOut > 0 ? [words.leftOut(english.entries(leftOut))] : []),
    ...(outside > 0 ? [words.outside(outside)] : []),
    ...(silent.count > 0 ? [...kindLines(report, 'silent'), words.silentAdvice()] : []),
    ...section(words.gaps, gaps.map(gapLine), full),
    ...moreLine(unlisted),
    ...section(english.title.lostSources, lost, true),
    ...section(english.title.warnings, warnings.map(shown), full),
  ])
}

function kindLines(report: CompareSourceReport, kind: 'added' | 'changed' | 'removed' | 'silent'): string[] {
  const { count, bytes, entries } = report[kind]
  const lines = entries.map(({ path, sizeBytes, aspects = [] }) => {
    const facts = [sizeText(sizeBytes), ...aspects.map((aspect) => words.aspects[aspect])]
    return `  ${shown(path)} (${facts.join(', ')})`
  })
  const head = words.kind({
    name: words.kinds[kind],
    entries: english.entries(count),
    size: sizeText(bytes),
  })
  return [head, ...lines, ...moreLine(count - entries.length)]
}

function moreLine(more: number): string[] {
  return more > 0 ? [`  ${english.more(more.toLocaleString('en'))}`] : []
}

// What is broken in versions, and in what they differ, in lines for people.
import { englishChecks as words } from '../../text/english-checks.ts'
import { english } from '../../text/english.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { BrokenReport, CompareReport } from '../../usecases/reports.ts'
import { section, text } from './lines.ts'

export function brokenText({ versions, warnings }: BrokenReport): string {
  if (versions.length === 0) return text([words.nothingBroken(), ...warningLines(warnings)])
  const lines = versions.flatMap(({ number, timeMs, listLost, count, files }) => [
    english.versionHead(number, momentText(timeMs)),
    ...(listLost ? [`  ${words.listLost()}`] : []),
    ...files.map(
      ({ path, sizeBytes, contentLost }) =>
        `  ${shown(path)} (${contentLost ? sizeText(sizeBytes) : words.metadataOnly()})`,
    ),
    ...moreLine(count - files.length),
  ])
  return text([...lines, ...warningLines(warnings)])
}

export function compareText(report: CompareReport): string {
  const lines = (['added', 'modified', 'deleted'] as const).flatMap((kind) => {
    const { count, bytes, entries } = report[kind]
    return [
      words.different(kind, english.entries(count), sizeText(bytes)),
      ...entries.map(({ path, sizeBytes }) => `  ${shown(path)} (${sizeText(sizeBytes)})`),
      ...moreLine(count - entries.length),
    ]
  })
  const head = words.compared(momentText(report.baseMs), momentText(report.toMs))
  return text([head, ...lines, ...warningLines(report.warnings)])
}

function moreLine(more: number): string[] {
  return more > 0 ? [`  ${english.more(more.toLocaleString('en'))}`] : []
}

function warningLines(warnings: readonly string[]): string[] {
  return section(english.title.warnings, warnings.map(shown), true)
}

// What a test of filters found: a line for each entry as it is found, then the sums.
import { english as words } from '../../text/english.ts'
import { troubleText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { sizeText } from '../../text/sizes.ts'
import type { FilterTestReport, Gap, JudgedEntry } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { entriesText, field, section, text } from './lines.ts'

const { label, title } = words

/** Kept or left out, the path, a tab, and the rule that decided. */
export function judgedLine({ path, isKept, rule }: JudgedEntry): string {
  return `${isKept ? '+' : '-'} ${shown(path)}\t${ruleText(rule)}\n`
}

export function unseenLine({ path, error }: Gap): string {
  return `! ${troubleText(path, error)}\n`
}

export function filterTestText(report: FilterTestReport, options: ReportOptions): string {
  const { kept, leftOut, specials, gaps, filters, warnings } = report
  const decided = filters.map(({ kind, pattern, decided: count }, at) =>
    words.filterDecided(filterText({ kind, pattern, number: at + 1 }), words.entries(count)),
  )
  return text([
    '',
    field(label.kept, `${entriesText(kept)}, ${sizeText(kept.bytes)}`),
    field(label.leftOut, `${entriesText(leftOut)}, ${sizeText(leftOut.bytes)}`),
    ...(specials > 0 ? [field(label.leftOut, words.specials(specials))] : []),
    ...(gaps > 0 ? [field(label.unseen, words.entries(gaps))] : []),
    ...section(title.filters, decided, true),
    ...section(title.warnings, warnings.map(shown), options.full),
  ])
}

function ruleText(rule: JudgedEntry['rule']): string {
  return typeof rule === 'string' ? words.rules[rule] : filterText(rule)
}

function filterText(filter: { number: number; kind: 'include' | 'exclude'; pattern: string }): string {
  return `${filter.number}: ${filter.kind} ${shown(filter.pattern)}`
}

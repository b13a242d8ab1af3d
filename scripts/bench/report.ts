// The figures as Markdown that can stand in a README: what each step cost, how that compares with restic, what failed,
// and the bars.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { secondsPerFile, timesAsFast, type Verdict } from './bars.ts'
import type { Cost } from './measured-command.ts'
import { steps, type PeerName } from './peers.ts'
import type { Row } from './run-row.ts'

interface Report {
  /** What the figures depend on. */
  readonly conditions: string
  readonly rows: readonly Row[]
  readonly verdicts: readonly Verdict[]
}

const titles: Readonly<Record<PeerName, string>> = { restic: 'restic', borg: 'borg', ours: 'Pullback' }

export function reportText({ conditions, rows, verdicts }: Report): string {
  const failures = rows.filter((row) => row.failure !== undefined)
  const sections = [
    ['Wall seconds / CPU seconds / peak memory in MiB of the largest process', conditions, costTable(rows)],
    ['Microseconds of wall time a file', perFileTable(rows)],
    ['How many times as fast as restic', ratioTable(rows)],
    ['Failed', failures.map(failureLine).join('\n')],
    ['Bars', verdicts.map(verdictLine).join('\n')],
  ]
  return sections
    .filter((section) => section.at(-1) !== '')
    .map(([title, ...parts]) => `### ${title}\n\n${parts.join('\n\n')}\n`)
    .join('\n')
}

/** Wall seconds, CPU seconds, and MiB of the largest process. */
export function costText({ wallSeconds, cpuSeconds, peakMib }: Cost): string {
  return `${seconds(wallSeconds)} / ${seconds(cpuSeconds)} / ${Math.ceil(peakMib)}`
}

/** The machine, and how busy it is with other things now. */
export function machineText(): string {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, load ${load}`
}

function costTable(rows: readonly Row[]): string {
  return table(
    ['data', 'source', 'program', ...steps, 'repository'],
    rows.map((row) => [
      `${row.data}: ${row.files.toLocaleString('en')} files, ${megabytes(row.bytes)}`,
      row.source,
      titles[row.peer],
      ...steps.map((step) => textOr(row.costs[step], costText)),
      textOr(row.repositoryBytes, megabytes),
    ]),
  )
}

function perFileTable(rows: readonly Row[]): string {
  return table(
    ['data', 'source', 'program', ...steps],
    rows.map((row) => [
      row.data,
      row.source,
      titles[row.peer],
      ...steps.map((step) => textOr(secondsPerFile(row, step), microseconds)),
    ]),
  )
}

/** Empty if there is nothing to compare. */
function ratioTable(rows: readonly Row[]): string {
  if (!rows.some((row) => row.peer === 'restic')) return ''
  const ratios = rows
    .filter((row) => row.peer === 'ours')
    .map((row) => [
      row.data,
      row.source,
      ...steps.map((step) => textOr(timesAsFast(rows, { ...row, step }), (times) => times.toFixed(2))),
    ])
  return ratios.length === 0 ? '' : table(['data', 'source', ...steps], ratios)
}

function failureLine({ data, source, peer, failure = '' }: Row): string {
  return `- ${data} from ${source}, ${titles[peer]}, ${failure.replaceAll('\n', ' | ')}`
}

function verdictLine({ bar, passed, found }: Verdict): string {
  return `- ${passed ? 'passed' : 'MISSED'}: ${bar} (${found})`
}

/** A table in Markdown, columns under each other. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((line) => line[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

function textOr<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? '–' : text(value)
}

function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1)
}

function microseconds(value: number): string {
  return (value * 1e6).toFixed(0)
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`
}

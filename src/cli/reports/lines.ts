// What all reports are made of: labels in a column, lists that are cut short unless all of them was asked for.
import { english as words } from '../../text/english.ts'
import { troubleText } from '../../text/error-text.ts'
import type { Gap } from '../../usecases/reports.ts'

const shortList = 20

export function entriesText(counts: { files: number; folders: number; links: number }): string {
  return [words.files(counts.files), words.folders(counts.folders), words.links(counts.links)].join(', ')
}

export function gapLine({ path, error }: Gap): string {
  return troubleText(path, error)
}

/** Labels of one width, so that what they name stands in a column. */
export function field(name: string, value: string): string {
  return `  ${name.padEnd(8)}  ${value}`
}

export function section(name: string, items: readonly string[], full: boolean): string[] {
  if (items.length === 0) return []
  const listed = full ? items : items.slice(0, shortList)
  const more = items.length - listed.length
  const rest = more > 0 ? [`  ${words.more(more.toLocaleString('en'))}`] : []
  return [`${name} (${items.length.toLocaleString('en')}):`, ...listed.map((item) => `  ${item}`), ...rest]
}

export function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

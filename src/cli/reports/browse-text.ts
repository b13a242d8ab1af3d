// What a backup holds, in lines for people: versions, and entries that were looked for.
import { isPullbackError } from '../../base/errors.ts'
import { english as words } from '../../text/english.ts'
import { errorText, storedGapText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { FoundInVersion, GapsOfVersion, VersionSummary } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { section, text } from './lines.ts'

export function versionsText(versions: readonly VersionSummary[]): string {
  return text(
    versions.map(({ number, timeMs, contents }) => {
      const head = `${number}\t${momentText(timeMs)}\t`
      if (isPullbackError(contents)) return head + words.versionUnreadable(errorText(contents))
      const { files, bytes, isFull } = contents
      return head + words.versionContents({ files: words.files(files), size: sizeText(bytes), isFull })
    }),
  )
}

export function foundText(found: readonly FoundInVersion[]): string {
  if (found.length === 0) return text([words.nothingMatches()])
  return text(
    found.flatMap(({ number, timeMs, entries }) => [
      words.versionHead(number, momentText(timeMs)),
      ...entries.map(
        ({ path, kind, sizeBytes }) =>
          `  ${shown(path)}${kind === 'file' ? `  (${sizeText(sizeBytes)})` : ''}`,
      ),
    ]),
  )
}

export function gapsText(found: readonly GapsOfVersion[], options: ReportOptions): string {
  if (found.length === 0) return text([words.noGaps()])
  return text(
    found.flatMap(({ number, timeMs, gaps }) => {
      const head = words.versionHead(number, momentText(timeMs)).replace(/:$/, '')
      return section(head, gaps.map(storedGapText), options.full)
    }),
  )
}

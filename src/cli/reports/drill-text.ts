// What a drill has shown, in lines for people.
import { drillWords as words } from '../../text/english-drill.ts'
import { english } from '../../text/english.ts'
import { errorText, troubleText } from '../../text/error-text.ts'
import { shown } from '../../text/shown.ts'
import { durationText, momentText, sizeText } from '../../text/sizes.ts'
import type { DrillRecord, DrillReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { field, section, text } from './lines.ts'

const { label } = words

export function drillText(report: DrillReport, { full, elapsedMs }: ReportOptions): string {
  const { version, counts, files, bytes, drawnFrom, tooLarge, seed, warnings } = report
  const drawn = english.files(files.length)
  const notSeen = (['changed', 'gone', 'unseen'] as const).filter((verdict) => counts[verdict] > 0)
  const unseen = troubles(report, 'unseen')
  const lines = [
    words.head({ moment: momentText(version.timeMs), isFull: version.isFull }),
    field(
      label.drawn,
      words.drawn({ drawn, size: sizeText(bytes), from: drawnFrom.toLocaleString('en'), tooLarge }),
    ),
    field(label.proven, words.proven(english.files(counts.proven))),
    ...notSeen.map((verdict) => field(label[verdict], words[verdict](english.files(counts[verdict])))),
    field(label.seed, shown(seed)),
    field(label.took, durationText(elapsedMs)),
    ...(counts.differs + counts.lost + counts.unseen === 0 ? [words.allWell()] : []),
    ...section(words.unseenTitle, unseen, full),
    ...section(english.title.warnings, warnings.map(shown), full),
  ]
  return text(lines) + drillErrors(report)
}

/** The part of the report that also a quiet run tells. */
export function drillErrors(report: DrillReport): string {
  const { files, counts, lostSources } = report
  const differs = files.filter(({ verdict }) => verdict === 'differs')
  const alarms = counts.differs + counts.lost
  const lost = lostSources.map(({ label: source, error }) => `${shown(source)}: ${errorText(error)}`)
  return text([
    ...section(english.title.lostSources, lost, true),
    ...(alarms > 0 ? [words.alarm(alarms)] : []),
    ...section(words.lost, troubles(report, 'lost'), true),
    ...section(
      words.differs,
      differs.map(({ path, sizeBytes }) => `${shown(path)} (${sizeText(sizeBytes)})`),
      true,
    ),
    ...(differs.length > 0 ? [words.differsAdvice()] : []),
  ])
}

export function drillHistoryText(records: readonly DrillRecord[]): string {
  if (records.length === 0) return text([words.noHistory()])
  return text(
    records.flatMap((record) => {
      const { atMs, versionMs, files, bytes, alarmPaths } = record
      const moments = { moment: momentText(atMs), version: momentText(versionMs) }
      const what = { files: english.files(files), size: sizeText(bytes), result: words.result(record) }
      return [words.record({ ...moments, ...what }), ...alarmPaths.map((path) => `  ${shown(path)}`)]
    }),
  )
}

function troubles({ files }: DrillReport, verdict: 'unseen' | 'lost'): string[] {
  return files.flatMap((file) =>
    file.verdict === verdict && file.error ? [troubleText(file.path, file.error)] : [],
  )
}

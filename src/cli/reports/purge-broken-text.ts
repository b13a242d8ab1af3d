// What was taken out of which version because it cannot come back, in lines for people.
import { english } from '../../text/english.ts'
import { purgeBrokenWords as words } from '../../text/english-purge-broken.ts'
import { shown } from '../../text/shown.ts'
import { momentText, sizeText } from '../../text/sizes.ts'
import type { PurgedBrokenReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { section, text } from './lines.ts'
import { spaceText } from './space-text.ts'

type Version = PurgedBrokenReport['versions'][number]

export function purgeBrokenText(report: PurgedBrokenReport, { full }: Pick<ReportOptions, 'full'>): string {
  const { dryRun, versions, healable, refused, waiting, indexRebuilt, space, warnings } = report
  const spaceLine = space && spaceText(space)
  return text([
    ...(indexRebuilt ? [english.indexRebuilt()] : []),
    ...(versions.length === 0
      ? [words.nothing()]
      : dryRun
        ? [words.dryRun()]
        : [words.done(versions.length)]),
    // What is lost is named one by one, however much it is.
    ...versions.flatMap((version) => versionLines(version, dryRun)),
    ...(dryRun && healable > 0 ? [words.healable(healable)] : []),
    ...(refused ? [words.refused(refused.what, refused.advice)] : []),
    ...(waiting > 0 ? [words.waiting(waiting)] : []),
    ...(spaceLine === undefined ? [] : [spaceLine]),
    ...section(english.title.warnings, warnings.map(shown), full),
  ])
}

function versionLines(version: Version, dryRun: boolean): string[] {
  const { timeMs, newTimeMs, goes, bytes, blank, left, paths } = version
  const moment = momentText(timeMs)
  const to = newTimeMs === undefined ? undefined : momentText(newTimeMs)
  const head =
    left === 0
      ? words.emptied(moment, dryRun)
      : words.version({ moment, to, entries: english.entries(goes), size: sizeText(bytes), blank })
  const lines = paths.map(
    ({ path, sizeBytes, loss }) =>
      `  ${shown(path)} (${loss === 'goes' ? sizeText(sizeBytes) : words.blank()})`,
  )
  const more = goes + blank - paths.length
  return [head, ...lines, ...(more > 0 ? [`  ${english.more(more.toLocaleString('en'))}`] : [])]
}

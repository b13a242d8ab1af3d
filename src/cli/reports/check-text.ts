// What a check of a backup found, in lines for people.
import { errorText } from '../../text/error-text.ts'
import { englishChecks as words } from '../../text/english-checks.ts'
import { english } from '../../text/english.ts'
import { shown } from '../../text/shown.ts'
import { durationText, sizeText } from '../../text/sizes.ts'
import type { CheckReport, RepairReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { field, section, text } from './lines.ts'

const dayMs = 24 * 3600 * 1000
const { label, title } = words

export function checkText(report: CheckReport, options: ReportOptions): string {
  const { examined, examinedBytes, faulty, broken } = report
  const { dlist: dlists, dindex: dindexes, dblock: dblocks } = examined
  const count = dlists + dindexes + dblocks
  const kinds = words.ofKinds({ dlists, dindexes, dblocks })
  const lines = [
    verdict(count, faulty.length),
    ...(report.indexRebuilt ? [english.indexRebuilt()] : []),
    field(label.examined, `${words.volumes(count)} (${kinds}), ${sizeText(examinedBytes)}`),
    field(label.coverage, coverageText(report)),
    field(label.took, durationText(options.elapsedMs)),
    ...damageLines({ faulty, broken }, options),
    ...section(english.title.warnings, report.warnings.map(shown), options.full),
  ]
  return text(lines)
}

export function repairText(report: RepairReport, options: ReportOptions): string {
  const { dryRun, remade, forgotten, broken } = report
  const isNothing = remade.length + forgotten.length + broken.entries === 0 && !report.indexRebuilt
  const lines = [
    ...(dryRun ? [english.dryRun()] : []),
    ...(isNothing ? [words.nothingToRepair()] : []),
    ...(report.indexRebuilt ? [english.indexRebuilt()] : []),
    ...section(
      dryRun ? title.wouldRemake : title.remade,
      remade.map(({ kind, inPlaceOf }) => words.remade(kind, shown(inPlaceOf))),
      options.full,
    ),
    ...section(title.forgotten, forgotten.map(shown), options.full),
    ...(report.readAgain > 0 ? [words.readAgain(report.readAgain)] : []),
    ...brokenLines(broken, options),
    field(label.took, durationText(options.elapsedMs)),
    ...section(english.title.warnings, report.warnings.map(shown), options.full),
  ]
  return text(lines)
}

/** What is damaged, what suffers, and what to do. */
export function damageLines(
  { faulty, broken }: { faulty: CheckReport['faulty']; broken: CheckReport['broken'] | undefined },
  options: Pick<ReportOptions, 'full'>,
): string[] {
  const volumes = faulty.map(({ error }) => errorText(error))
  return [...section(title.faulty, volumes, options.full), ...(broken ? brokenLines(broken, options) : [])]
}

function verdict(examined: number, faulty: number): string {
  if (faulty > 0) return words.faulty(faulty)
  return examined === 0 ? words.nothingExamined() : words.whole()
}

function coverageText({ coverage }: CheckReport): string {
  const { totalBytes, readBytes, withinMs } = coverage
  // Rounded down: what is called all must be all.
  const percent = totalBytes === 0 ? 100 : Math.floor((100 * readBytes) / totalBytes)
  return words.coverage({
    percent,
    total: sizeText(totalBytes),
    days: Math.max(1, Math.round(withinMs / dayMs)),
  })
}

function brokenLines(broken: CheckReport['broken'], { full }: Pick<ReportOptions, 'full'>): string[] {
  if (broken.entries === 0) return []
  const sum = words.broken({ entries: broken.entries, versions: broken.versionTimesMs.length })
  return [...section(`${title.broken}, ${sum}`, broken.examples.map(shown), full), words.nextBackupHeals()]
}

// What a rebuild of the index did, in lines for people.
import { english } from '../../text/english.ts'
import { rebuildWords as words } from '../../text/english-rebuild.ts'
import { shown } from '../../text/shown.ts'
import { durationText, sizeText } from '../../text/sizes.ts'
import type { RebuildReport } from '../../usecases/reports.ts'
import type { ReportOptions } from '../commands/command.ts'
import { field, section, text } from './lines.ts'

export function rebuildText(report: RebuildReport, options: ReportOptions): string {
  const { dryRun, versions, volumes, blocks, read, goneOnFrom, warnings } = report
  return text([
    dryRun ? words.dryRun() : words.done(),
    field(words.label.knows, words.counts({ versions, volumes, blocks })),
    field(words.label.read, `${words.kinds(read)}, ${sizeText(report.readBytes)}`),
    ...(goneOnFrom > 0 ? [words.goneOnFrom(goneOnFrom)] : []),
    ...(read.dblock > 0 ? [words.dblocksRead(read.dblock)] : []),
    field(words.label.took, durationText(options.elapsedMs)),
    ...section(english.title.warnings, warnings.map(shown), options.full),
  ])
}

// `pullback test-filters`.
import { testFilters } from '../../usecases/test-filters.ts'
import { filterTestText, judgedLine, unseenLine } from '../reports/filter-text.ts'
import { jsonLine } from '../report-json.ts'
import { addressOptionsOf } from './backup-place.ts'
import type { Command } from './command.ts'
import { selectionOf } from './selection.ts'

export const testFiltersCommand: Command = {
  name: 'test-filters',
  args: '<source...>',
  summary: 'show what a backup would hold, and which rule decides on each path',
  more: `Each line: + for kept, - for left out, ! for what could not be looked at; the path in the backup; the rule.
What lies below a folder that is left out is not looked at. With --json each path is an object on a line of its own,
then comes the result. The filters: docs/filters.md.
Example:
  pullback test-filters ssh://backup@web1/srv/www '--exclude=*/cache/' --exclude={TemporaryFiles}

Ends with 0: done; 2: with warnings, or something could not be looked at; 100: failed; 200: wrong arguments.`,
  printsAsItGoes: true,
  run: async (line, { world, around, print }) => {
    const { options } = line
    const isJson = options.has('json')
    const tell = options.has('quiet-console') && !isJson ? () => undefined : print
    const report = await testFilters(
      {
        sources: line.args,
        addressOptions: addressOptionsOf(line, around),
        selection: selectionOf(line),
        tell: (entry) => tell(isJson ? jsonLine(entry) : judgedLine(entry)),
        tellGap: (gap) => tell(isJson ? jsonLine(gap) : unseenLine(gap)),
      },
      world,
    )
    const isSure = report.gaps === 0 && report.warnings.length === 0
    const outcome = isSure ? 'success' : 'warnings'
    return { outcome, report, text: (shape) => filterTestText(report, shape) }
  },
}

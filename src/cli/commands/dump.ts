// `pullback dump`.
import { dump } from '../../usecases/dump-file.ts'
import { dumpText } from '../reports/outlet-text.ts'
import { backupPlace, oneVersion } from './backup-place.ts'
import type { Command } from './command.ts'

export const dumpCommand: Command = {
  name: 'dump',
  args: '<target> <path>',
  summary: 'write one file of a version to standard output',
  more: `The path is whole, as list shows it, or a pattern that one file alone matches. All else is told on
standard error.
Example:
  pullback dump file:///srv/backups/web1 /web1/srv/www/index.html --passphrase-file=secret > index.html

Ends with 0: the file is whole; 2: damage was worked around; 100: failed, what was written is not the file;
200: wrong arguments.`,
  writesBytes: () => true,
  run: async (line, { world, around, write }) => {
    const request = {
      ...backupPlace(line, around),
      version: oneVersion(line, around),
      path: line.args[1] ?? '',
    }
    const report = await dump(request, world, write)
    const outcome = report.warnings.length > 0 ? 'warnings' : 'success'
    return { outcome, report, text: (options) => dumpText(report, options) }
  },
}

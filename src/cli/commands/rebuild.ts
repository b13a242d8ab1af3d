// `pullback rebuild`.
import { rebuild } from '../../usecases/rebuild-index.ts'
import { rebuildText } from '../reports/rebuild-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'

export const rebuildCommand: Command = {
  name: 'rebuild',
  args: '<target>',
  summary: 'make the index anew from the backup; backups go on meanwhile',
  more: `Reads all file lists and indexes of the backup into a new index, which takes the place of the old one when it
is whole; a rebuild that was cut off is gone on with. With --dry-run the new index is thrown away.
Example:
  pullback rebuild file:///srv/backups/web1 --passphrase-file=secret

Ends with 0: done; 2: with warnings; 100: failed, and the index is as it was; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const report = await rebuild({ ...place, dryRun: line.options.has('dry-run') }, world)
    return {
      outcome: report.warnings.length > 0 ? 'warnings' : 'success',
      report,
      text: (options) => rebuildText(report, options),
    }
  },
}

// `pullback compact`.
import { compact } from '../../usecases/compact-backup.ts'
import { compactText } from '../reports/space-text.ts'
import { backupPlace, dblockSizeOf, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'
import { spaceOf } from './space.ts'

export const compactCommand: Command = {
  name: 'compact',
  args: '<target>',
  summary: 'give back space that no version needs; --dry-run shows what would go, and why',
  more: `What nobody needs goes; what is needed of wasteful and of many small files of the backup is written to new
ones. The old ones are deleted a day later (--delete-after), by the next backup or compact.
Example:
  pullback compact file:///srv/backups/web1 --passphrase-file=secret --dry-run

Ends with 0: done; 2: with warnings; 100: failed, and nothing was lost; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const request = {
      ...backupPlace(line, around),
      ...usualVolumes,
      dblockSizeBytes: dblockSizeOf(line),
      indexPath: indexPathOf(line),
      space: spaceOf(line),
      dryRun: line.options.has('dry-run'),
    }
    const report = await compact(request, world)
    const isTroubled = report.warnings.length > 0 || report.unreadable.length > 0
    return {
      outcome: isTroubled ? 'warnings' : 'success',
      report,
      text: (options) => compactText(report, options),
    }
  },
}

// `pullback purge`.
import { purge } from '../../usecases/purge-entries.ts'
import { purgeText } from '../reports/purge-text.ts'
import { backupPlace, chosenVersions, dblockSizeOf, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'
import { selectionOf } from './selection.ts'
import { spaceOf } from './space.ts'

export const purgeCommand: Command = {
  name: 'purge',
  args: '<target> [pattern...]',
  summary: 'take files out of versions that are there; --dry-run shows which',
  more: `A pattern is as for restore: a path, a name, or with * and ?; a folder stands for all in it. Without patterns
--include and --exclude say what goes: what the first that matches includes. Without --version from all versions. Each
version gets a new file list, dated a second later; then the old one is deleted. Space is given back as after delete.
Examples:
  pullback purge file:///srv/backups/web1 /srv/www/cache --dry-run
  pullback purge file:///srv/backups/web1 --include="*.iso" --version=3

Ends with 0: done; 2: with warnings; 100: failed, refused, or nothing matched; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const request = {
      ...backupPlace(line, around),
      ...usualVolumes,
      indexPath: indexPathOf(line),
      dblockSizeBytes: dblockSizeOf(line),
      space: spaceOf(line),
      patterns: line.args.slice(1),
      filters: selectionOf(line).filters,
      versions: chosenVersions(line, around),
      dryRun: line.options.has('dry-run'),
    }
    const report = await purge(request, world)
    const isTroubled = report.warnings.length > 0 || report.waiting > 0
    return {
      outcome: isTroubled ? 'warnings' : 'success',
      report,
      text: (options) => purgeText(report, options),
    }
  },
}

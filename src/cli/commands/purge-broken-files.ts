// `pullback purge-broken-files`.
import { purgeBrokenFiles } from '../../usecases/purge-broken-files.ts'
import { outcomeOfPurgeBroken } from '../exit-code.ts'
import { purgeBrokenText } from '../reports/purge-broken-text.ts'
import { backupPlace, dblockSizeOf, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'
import { spaceOf } from './space.ts'

export const purgeBrokenFilesCommand: Command = {
  name: 'purge-broken-files',
  args: '<target>',
  summary: 'take what cannot be restored out of the versions; --dry-run shows what would be lost from each',
  more: `What list-broken-files lists goes out of the versions, as purge does it: afterwards every version gives back
all that it lists, and says in its gaps what was taken out. Where only times, mode and owner are lost, the entry stays
without them. What is in the newest version may still be at its source: then it is refused, and a backup comes first.
Damage inside a volume is known after a test of it. Look first for files of the backup folder that are missing: with
them back in their place, nothing is lost.
Example:
  pullback purge-broken-files file:///srv/backups/web1 --dry-run --passphrase-file=secret

Ends with 0: nothing is broken any more; 2: with warnings, or it would be refused; 100: failed, or refused;
200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const { options } = line
    const dryRun = options.has('dry-run')
    const request = {
      ...backupPlace(line, around),
      ...usualVolumes,
      indexPath: indexPathOf(line),
      dblockSizeBytes: dblockSizeOf(line),
      space: spaceOf(line),
      dryRun,
      isConfirmed: options.has('confirm-removal'),
      // Nothing goes without its name.
      listed: Infinity,
    }
    const report = await purgeBrokenFiles(request, world)
    return {
      outcome: outcomeOfPurgeBroken(report),
      report,
      text: (shape) => purgeBrokenText(report, shape),
    }
  },
}

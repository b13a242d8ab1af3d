// `pullback repair`.
import { repair } from '../../usecases/repair-backup.ts'
import { outcomeOfRepair } from '../exit-code.ts'
import { repairText } from '../reports/check-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'

export const repairCommand: Command = {
  name: 'repair',
  args: '<target>',
  summary: 'write file lists and indexes again that are lost; --dry-run shows what it would do',
  more: `A dlist or dindex that is missing, or that a test found damaged, is written again; an index that is lost is
built again; the next backup reads again what was in dblocks that are lost. Nothing at the destination is deleted.
Example:
  pullback repair file:///srv/backups/web1 --dry-run --passphrase-file=secret

Ends with 0: all is whole now; 2: something cannot be restored as it was, or warnings; 100: failed;
200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const report = await repair({ ...place, dryRun: line.options.has('dry-run') }, world)
    return { outcome: outcomeOfRepair(report), report, text: (options) => repairText(report, options) }
  },
}

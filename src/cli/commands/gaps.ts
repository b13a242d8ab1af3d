// `pullback gaps`.
import { gaps } from '../../usecases/browse-backup.ts'
import { gapsText } from '../reports/browse-text.ts'
import { backupPlace, chosenVersions } from './backup-place.ts'
import type { Command } from './command.ts'

export const gapsCommand: Command = {
  name: 'gaps',
  args: '<target>',
  summary: 'show what versions do not hold as they should, and why',
  more: `Each version keeps the list of entries that could not be stored, with the reason of each. Without --version or
--time all versions are looked at.
Example:
  pullback gaps file:///srv/backups/web1 --version=0 --passphrase-file=secret`,
  run: async (line, { world, around }) => {
    const chosen = chosenVersions(line, around)
    const request = { ...backupPlace(line, around), versions: chosen.length > 0 ? chosen : ('all' as const) }
    const report = await gaps(request, world)
    return { outcome: 'success', report, text: (options) => gapsText(report, options) }
  },
}

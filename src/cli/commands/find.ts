// `pullback find`.
import { find } from '../../usecases/browse-backup.ts'
import { foundText } from '../reports/browse-text.ts'
import { backupPlace, chosenVersions } from './backup-place.ts'
import type { Command, Result } from './command.ts'

export const findCommand: Command = {
  name: 'find',
  args: '<target> <pattern...>',
  summary: 'show in which versions a file is',
  more: `Example:
  pullback find file:///srv/backups/web1 index.html --passphrase-file=secret`,
  run: async (line, { world, around }) => {
    const chosen = chosenVersions(line, around)
    const request = { ...backupPlace(line, around), patterns: line.args.slice(1) }
    return foundResult(await find({ ...request, versions: chosen.length > 0 ? chosen : 'all' }, world))
  },
}

export function foundResult(report: Awaited<ReturnType<typeof find>>): Result {
  return { outcome: 'success', report, text: () => foundText(report) }
}

// `pullback list`.
import { PullbackError } from '../../base/errors.ts'
import { english as words } from '../../text/english.ts'
import { find, versions } from '../../usecases/browse-backup.ts'
import { outcomeOfList } from '../exit-code.ts'
import { foundText, versionsText } from '../reports/browse-text.ts'
import { backupPlace, chosenVersions } from './backup-place.ts'
import type { Command } from './command.ts'
import { foundResult } from './find.ts'

export const listCommand: Command = {
  name: 'list',
  args: '<target> [pattern...]',
  summary: 'show the versions, or what the newest holds that matches',
  more: `Example:
  pullback list file:///srv/backups/web1 --passphrase-file=secret`,
  run: async (line, { world, around }) => {
    const place = backupPlace(line, around)
    const patterns = line.args.slice(1)
    const chosen = chosenVersions(line, around)
    if (patterns.length === 0) {
      if (chosen.length > 0) {
        const what = 'without a pattern list shows all versions: --version and --time choose none'
        throw new PullbackError('BadOption', { what, advice: 'Add a pattern; "*" shows all of a version.' })
      }
      const report = await versions(place, world)
      return { outcome: outcomeOfList(report), report, text: () => versionsText(report) }
    }
    const looked = chosen.length > 0 ? chosen : [{ number: 0 }]
    const there = await find({ ...place, patterns, versions: looked }, world)
    if (there.length > 0 || chosen.length > 0) return foundResult(there)
    const everywhere = await find({ ...place, patterns, versions: 'all' }, world)
    const note = everywhere.length > 0 ? `${words.onlyInOlder()}\n` : ''
    return { ...foundResult(everywhere), text: () => note + foundText(everywhere) }
  },
}

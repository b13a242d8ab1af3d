// `pullback compare`.
import type { VersionChoice } from '../../usecases/reports.ts'
import { compare } from '../../usecases/look-at-versions.ts'
import { parseTime } from '../option-values.ts'
import { compareText } from '../reports/versions-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'

/** As Duplicati. */
const shortList = 11

export const compareCommand: Command = {
  name: 'compare',
  args: '<target> [base] [to]',
  summary: 'show what was added, modified and deleted between two versions',
  more: `The two newest versions, or the newest and the one named, or the two named: by number, 0 being the newest,
or by time. Eleven entries of each kind, or all with --full-result.
Example:
  pullback compare file:///srv/backups/web1 3D --passphrase-file=secret`,
  run: async (line, { world, around }) => {
    const [, base = '1', to = '0'] = line.args
    const version = (text: string): VersionChoice =>
      /^\d{1,6}$/.test(text) ? { number: Number(text) } : { atMs: parseTime('time', text, around.nowMs) }
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const listed = line.options.has('full-result') ? Infinity : shortList
    const report = await compare({ ...place, listed, base: version(base), to: version(to) }, world)
    return { outcome: 'success', report, text: () => compareText(report) }
  },
}

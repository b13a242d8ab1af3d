// `pullback delete`.
import { PullbackError } from '../../base/errors.ts'
import { deleteVersions } from '../../usecases/delete-versions.ts'
import { deletionText } from '../reports/retention-text.ts'
import { backupPlace, chosenVersions, dblockSizeOf, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'
import { retentionOf } from './retention.ts'
import { spaceOf } from './space.ts'

const choosing = ['version', 'keep-time', 'keep-versions', 'retention-policy'] as const

export const deleteCommand: Command = {
  name: 'delete',
  args: '<target>',
  summary: 'delete old versions, named or chosen by rules; --dry-run shows which and why',
  more: `Rules: --keep-versions=N the newest N; --keep-time=90D none older; --retention-policy=1W:1D,4W:1W,12M:1M one a
day for a week, one a week for four, one a month for twelve. Together, each may delete. The newest version, the newest
full one and pinned ones stay. Days and months are those of the calendar here.
Example:
  pullback delete file:///srv/backups/web1 --retention-policy=1W:1D,4W:1W,12M:1M --dry-run

Ends with 0: done; 2: with warnings; 100: failed, or it was refused; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    if (!choosing.some((name) => line.options.has(name))) {
      const what = 'delete is told by --version, --keep-time, --keep-versions or --retention-policy what goes'
      throw new PullbackError('BadArguments', { what })
    }
    const request = {
      ...backupPlace(line, around),
      ...usualVolumes,
      indexPath: indexPathOf(line),
      dblockSizeBytes: dblockSizeOf(line),
      retention: retentionOf(line),
      space: spaceOf(line),
      named: chosenVersions(line, around),
      dryRun: line.options.has('dry-run'),
    }
    const report = await deleteVersions(request, world)
    const outcome = report.warnings.length > 0 || report.refused ? 'warnings' : 'success'
    return { outcome, report, text: (options) => deletionText(report, options) }
  },
}

// `pullback drill`.
import { PullbackError } from '../../base/errors.ts'
import { drillBackup, drillHistory } from '../../usecases/drill-backup.ts'
import { outcomeOfDrill } from '../exit-code.ts'
import { parseSize, parseWhole } from '../option-values.ts'
import { drillErrors, drillHistoryText, drillText } from '../reports/drill-text.ts'
import { backupPlace, indexPathOf, oneVersion, usualVolumes } from './backup-place.ts'
import type { Command } from './command.ts'

const usualFiles = 10
const mostFiles = 10_000
const usualBytes = 1 << 30

export const drillCommand: Command = {
  name: 'drill',
  args: '<target> [source...]',
  summary:
    'restore files drawn by chance and compare them with the source; --history shows what drills have shown',
  more: `Files of the newest version, or the one named, are drawn by chance, restored from the destination alone into a
private temporary folder, and compared byte for byte with the source as it is now. Sources are named as in the backup
command. A file that changed since has to come back as it was recorded. Nothing is written to the destination or to a
source.
Examples:
  pullback drill file:///srv/backups/web1 ssh://backup@web1/srv/www --passphrase-file=secret
  pullback drill file:///srv/backups/web1 --history

Ends with 0: all came back as it was; 2: with warnings, or a file of the source could not be looked at; 3: a file did
not come back, or the source has other bytes without a sign of change, or a source was lost; 100: failed;
200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const { options, args } = line
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const sources = args.slice(1)
    if (options.has('history')) {
      if (sources.length > 0) {
        throw new PullbackError('BadArguments', { what: 'drill --history names no source' })
      }
      const report = drillHistory(place, world)
      return { outcome: 'success', report, text: () => drillHistoryText(report) }
    }
    if (sources.length === 0) {
      const what = 'drill is told with which sources to compare, as the backup command names them'
      throw new PullbackError('BadArguments', { what })
    }
    const [files, size] = [options.get('drill-files'), options.get('drill-size')]
    const choice = {
      files: files === undefined ? usualFiles : parseWhole('drill-files', files, { min: 1, max: mostFiles }),
      bytes: size === undefined ? usualBytes : parseSize('drill-size', size, 'mb'),
      seed: options.get('drill-seed'),
    }
    const version = oneVersion(line, around)
    const report = await drillBackup({ ...place, ...choice, sources, version }, world)
    return {
      outcome: outcomeOfDrill(report),
      report,
      text: (shape) => drillText(report, shape),
      errors: () => drillErrors(report),
    }
  },
}

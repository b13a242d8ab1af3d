// `pullback list-broken-files` and `pullback affected`.
import { affected, brokenFiles } from '../../usecases/look-at-versions.ts'
import { brokenText } from '../reports/versions-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import type { Command, CommandLine, Surroundings } from './command.ts'

/** As Duplicati. */
const shortList = 5

export const listBrokenFilesCommand: Command = {
  name: 'list-broken-files',
  args: '<target>',
  summary: 'show what cannot be restored because blocks of it are lost',
  more: `Five entries of each version, or all with --full-result. Damage inside a volume is known after a test of it.
Example:
  pullback list-broken-files file:///srv/backups/web1 --passphrase-file=secret

Ends with 0: nothing is broken; 3: something is; 100: failed; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const report = await brokenFiles(requestOf(line, around), world)
    const outcome = report.versions.length > 0 ? 'errors' : 'success'
    return { outcome, report, text: () => brokenText(report) }
  },
}

export const affectedCommand: Command = {
  name: 'affected',
  args: '<target> <file...>',
  summary: 'show what could not be restored without these files of the backup',
  more: `Files are named as they are called at the destination.
Example:
  pullback affected file:///srv/backups/web1 duplicati-b0123456789abcdef0123456789abcdef.dblock.zip.aes`,
  run: async (line, { world, around }) => {
    const report = await affected({ ...requestOf(line, around), names: line.args.slice(1) }, world)
    return { outcome: 'success', report, text: () => brokenText(report) }
  },
}

function requestOf(line: CommandLine, around: Surroundings): Parameters<typeof brokenFiles>[0] {
  const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
  return { ...place, listed: line.options.has('full-result') ? Infinity : shortList }
}

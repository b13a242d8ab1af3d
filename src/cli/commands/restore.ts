// `pullback restore`.
import { restore, type RestoreRequest } from '../../usecases/run-restore.ts'
import { outcomeOfRestore } from '../exit-code.ts'
import { restoreErrors, restoreText } from '../reports/restore-text.ts'
import { backupPlace, oneVersion } from './backup-place.ts'
import type { Command, CommandLine, Surroundings } from './command.ts'

export const restoreCommand: Command = {
  name: 'restore',
  args: '<target> [pattern...]',
  summary: 'put files of a version back',
  more: `Without a pattern all of the version. A pattern is a path, a name, or has * and ? in it; [in brackets]
it is a regular expression, after @ it is literal.
Example:
  pullback restore file:///srv/backups/web1 "*.conf" --restore-path=web1 --passphrase-file=secret
  pullback restore file:///srv/backups/web1 --restore-path=ssh://ana@web1/srv/back --allow-restore-to-machine

Ends with 0: all was restored; 2: with warnings; 3: some entries were not restored; 100: failed; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const report = await restore(restoreRequest(line, around), world)
    return {
      outcome: outcomeOfRestore(report),
      report,
      text: (options) => restoreText(report, options),
      errors: (options) => restoreErrors(report, options),
    }
  },
}

function restoreRequest(line: CommandLine, around: Surroundings): RestoreRequest {
  const { options } = line
  return {
    ...backupPlace(line, around),
    version: oneVersion(line, around),
    patterns: line.args.slice(1),
    restorePath: options.get('restore-path'),
    keepWholePaths: options.has('dont-compress-restore-paths'),
    overwrite: options.has('overwrite'),
    restorePermissions: options.has('restore-permissions'),
    skipMetadata: options.has('skip-metadata'),
    restoreDamaged: options.has('restore-damaged'),
    dryRun: options.has('dry-run'),
    mayRestoreToMachine: options.has('allow-restore-to-machine'),
  }
}

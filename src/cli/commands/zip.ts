// `pullback zip`.
import { resolve } from 'node:path'
import { PullbackError } from '../../base/errors.ts'
import { zip } from '../../usecases/zip-version.ts'
import { outcomeOfZip } from '../exit-code.ts'
import { restoreErrors } from '../reports/restore-text.ts'
import { zipText } from '../reports/outlet-text.ts'
import { compressionLevel } from '../option-values.ts'
import { backupPlace, oneVersion } from './backup-place.ts'
import type { Command, CommandLine } from './command.ts'

const standardOutput = '-'

export const zipCommand: Command = {
  name: 'zip',
  args: '<target> [pattern...]',
  summary: 'write files of a version into a zip archive',
  more: `Patterns are as in restore. A file that is there is never replaced; with --output=- the archive goes to
standard output, and all else is told on standard error.
Example:
  pullback zip file:///srv/backups/web1 /web1/srv/www --output=www.zip --passphrase-file=secret

Ends with 0: all is in it; 2: with warnings; 3: some entries are not in it; 100: failed; 200: wrong arguments.`,
  writesBytes: (line) => line.options.get('output') === standardOutput,
  run: async (line, { world, around, write }) => {
    const { options } = line
    const file = outputOf(line)
    const request = {
      ...backupPlace(line, around),
      version: oneVersion(line, around),
      patterns: line.args.slice(1),
      keepWholePaths: options.has('dont-compress-restore-paths'),
      level: compressionLevel(options.get('zip-compression-level')),
      output: file === standardOutput ? { write } : { file: resolve(file) },
    }
    const report = await zip(request, world)
    return {
      outcome: outcomeOfZip(report),
      report,
      text: (shape) => zipText(report, { ...shape, output: file }),
      errors: (shape) => restoreErrors(report, shape),
    }
  },
}

function outputOf({ options }: CommandLine): string {
  const output = options.get('output')
  if (output) return output
  throw new PullbackError('BadOption', {
    what: 'it is not said where the archive is to go',
    subject: 'output',
    advice: 'Add --output=FILE.zip, or --output=- for standard output.',
  })
}

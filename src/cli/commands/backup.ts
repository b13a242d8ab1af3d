// `pullback backup`.
import { PullbackError } from '../../base/errors.ts'
import { backUp, type BackupRequest } from '../../usecases/run-backup.ts'
import { outcomeOfBackup } from '../exit-code.ts'
import { compressionLevel, parseSize, parseWhole } from '../option-values.ts'
import { backupErrors, backupText } from '../reports/backup-text.ts'
import { backupPlace, dblockSizeOf, indexPathOf, needsPassphrase } from './backup-place.ts'
import { retentionOf } from './retention.ts'
import { spaceOf } from './space.ts'
import { checkPlanOf } from './check-plan.ts'
import { selectionOf } from './selection.ts'
import type { Command, CommandLine, Surroundings } from './command.ts'

const mib = 1 << 20
const smallestBlocksize = 1024
const largestBlocksize = 256 * mib
const usualRereadDays = 30

export const backupCommand: Command = {
  name: 'backup',
  args: '<target> <source...>',
  summary: 'back up folders of this machine or of others over SSH',
  more: `A source is a folder, ssh://user@host:port/path, or @/path/in/the/backup|ssh://user@host/path.
Example:
  pullback backup file:///srv/backups/web1 ssh://backup@web1/srv/www --passphrase-file=secret

Ends with 0: a version was written; 1: nothing had changed; 2: with gaps or warnings; 3: a source was lost,
or volumes are damaged;
50: it was stopped, or the version is partial for another reason; 100: failed; 200: wrong arguments.`,
  asksPassphrase: true,
  endsInOrder: true,
  run: async (line, { world, around }) => {
    const report = await backUp(backupRequest(line, around), world)
    return {
      outcome: outcomeOfBackup(report),
      report,
      text: (options) => backupText(report, options),
      errors: () => backupErrors(report),
    }
  },
}

function backupRequest(line: CommandLine, around: Surroundings): BackupRequest {
  const place = backupPlace(line, around)
  if (needsPassphrase(line, around)) {
    throw new PullbackError('PassphraseMissing', { what: 'no passphrase was given' })
  }
  return {
    ...place,
    sources: line.args.slice(1),
    selection: selectionOf(line),
    indexPath: indexPathOf(line),
    blocksize: blocksizeOf(line),
    dblockSizeBytes: dblockSizeOf(line),
    level: compressionLevel(line.options.get('zip-compression-level')),
    dryRun: line.options.has('dry-run'),
    rereadDays: rereadDaysOf(line),
    allowRemoval: line.options.has('allow-removal'),
    samples: checkPlanOf(line),
    uploadUnchanged: line.options.has('upload-unchanged-backups'),
    retention: retentionOf(line),
    space: spaceOf(line),
  }
}

function blocksizeOf(line: CommandLine): number | undefined {
  const text = line.options.get('blocksize')
  if (text === undefined) return undefined
  const bytes = parseSize('blocksize', text, 'kb')
  if (bytes >= smallestBlocksize && bytes <= largestBlocksize) return bytes
  throw new PullbackError('BadOption', {
    what: '--blocksize lies between 1kb and 256mb',
    subject: 'blocksize',
  })
}

function rereadDaysOf(line: CommandLine): number {
  const text = line.options.get('reread-days')
  return text === undefined ? usualRereadDays : parseWhole('reread-days', text, { min: 0, max: 3650 })
}

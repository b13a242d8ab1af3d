// `pullback test`.
import { testBackup } from '../../usecases/test-backup.ts'
import { outcomeOfCheck } from '../exit-code.ts'
import { checkText } from '../reports/check-text.ts'
import { backupPlace, indexPathOf, usualVolumes } from './backup-place.ts'
import { checkPlanOf } from './check-plan.ts'
import type { Command } from './command.ts'

export const testCommand: Command = {
  name: 'test',
  aliases: ['verify'],
  args: '<target> [count]',
  summary: 'read volumes of a backup as a whole, and say whether they are what was stored',
  more: `The count is a number of sets, each one dlist, one dindex and one dblock (1 unless said otherwise), or all, or
everything. Those that were read least often come first. Beside them is read what is due so that every volume is read
again within --check-everything-in. Of a volume all is checked: its hash, that it can be decrypted, and each block.
Example:
  pullback test file:///srv/backups/web1 all --passphrase-file=secret

Ends with 0: what was read is whole; 2: with warnings; 3: something is damaged or missing; 100: failed, or there was
nothing to read; 200: wrong arguments.`,
  run: async (line, { world, around }) => {
    const place = { ...backupPlace(line, around), ...usualVolumes, indexPath: indexPathOf(line) }
    const report = await testBackup({ ...place, plan: checkPlanOf(line, line.args[1]) }, world)
    return {
      outcome: outcomeOfCheck(report),
      report,
      text: (options) => checkText(report, options),
      errors: (options) => checkText(report, options),
    }
  },
}

// `pullback pin` and `pullback unpin`.
import { PullbackError } from '../../base/errors.ts'
import { setPin } from '../../usecases/delete-versions.ts'
import { pinText } from '../reports/retention-text.ts'
import { backupPlace, oneVersion } from './backup-place.ts'
import type { Command } from './command.ts'

export const pinCommand: Command = {
  name: 'pin',
  args: '<target>',
  summary: 'keep a version whatever the rules say',
  more: `What is pinned is deleted by no rule and no command, until it is unpinned.
Example:
  pullback pin file:///srv/backups/web1 --version=3`,
  run: (line, given) => runPin(line, given, true),
}

export const unpinCommand: Command = {
  name: 'unpin',
  args: '<target>',
  summary: 'let the rules decide on a pinned version again',
  more: `Example:
  pullback unpin file:///srv/backups/web1 --version=3`,
  run: (line, given) => runPin(line, given, false),
}

async function runPin(
  line: Parameters<Command['run']>[0],
  { world, around }: Parameters<Command['run']>[1],
  isPinned: boolean,
): ReturnType<Command['run']> {
  if (!line.options.has('version') && !line.options.has('time')) {
    throw new PullbackError('BadArguments', {
      what: `${line.command} takes the version by --version or --time`,
    })
  }
  const request = { ...backupPlace(line, around), version: oneVersion(line, around), isPinned }
  const report = await setPin(request, world)
  return { outcome: 'success', report, text: () => pinText(report) }
}

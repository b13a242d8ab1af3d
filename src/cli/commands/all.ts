// Every command of the command line, in the order in which help shows them. Each is loaded when it is asked for: all of
// them together take a third of the time in which the program starts.
import type { CommandName } from '../option-row.ts'
import type { Command } from './command.ts'

const loaders: Readonly<Record<CommandName, () => Promise<Command>>> = {
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  zip: async () => (await import('./zip.ts')).zipCommand,
  dump: async () => (await import('./dump.ts')).dumpCommand,
  list: async () => (await import('./list.ts')).listCommand,
  find: async () => (await import('./find.ts')).findCommand,
  gaps: async () => (await import('./gaps.ts')).gapsCommand,
  delete: async () => (await import('./delete.ts')).deleteCommand,
  compact: async () => (await import('./compact.ts')).compactCommand,
  purge: async () => (await import('./purge.ts')).purgeCommand,
  pin: async () => (await import('./pin.ts')).pinCommand,
  unpin: async () => (await import('./pin.ts')).unpinCommand,
  test: async () => (await import('./test.ts')).testCommand,
  drill: async () => (await import('./drill.ts')).drillCommand,
  repair: async () => (await import('./repair.ts')).repairCommand,
  rebuild: async () => (await import('./rebuild.ts')).rebuildCommand,
  'list-broken-files': async () => (await import('./list-broken-files.ts')).listBrokenFilesCommand,
  affected: async () => (await import('./list-broken-files.ts')).affectedCommand,
  'purge-broken-files': async () => (await import('./purge-broken-files.ts')).purgeBrokenFilesCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  'test-filters': async () => (await import('./test-filters.ts')).testFiltersCommand,
}

export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()))
}

/** The command whose name the first word is; all of them for any other word: help, another name, a mistake. */
export async function commandsFor(word: string | undefined): Promise<readonly Command[]> {
  const name = word?.toLowerCase() ?? ''
  return isCommandName(name) ? [await loaders[name]()] : allCommands()
}

function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(loaders, word)
}

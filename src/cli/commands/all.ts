// Every command of the command line, in the order in which help shows them.
import { backupCommand } from './backup.ts'
import { compareCommand } from './compare.ts'
import type { Command } from './command.ts'
import { compactCommand } from './compact.ts'
import { deleteCommand } from './delete.ts'
import { drillCommand } from './drill.ts'
import { dumpCommand } from './dump.ts'
import { findCommand } from './find.ts'
import { gapsCommand } from './gaps.ts'
import { affectedCommand, listBrokenFilesCommand } from './list-broken-files.ts'
import { listCommand } from './list.ts'
import { pinCommand, unpinCommand } from './pin.ts'
import { purgeBrokenFilesCommand } from './purge-broken-files.ts'
import { purgeCommand } from './purge.ts'
import { rebuildCommand } from './rebuild.ts'
import { repairCommand } from './repair.ts'
import { restoreCommand } from './restore.ts'
import { testCommand } from './test.ts'
import { testFiltersCommand } from './test-filters.ts'
import { zipCommand } from './zip.ts'

export const commands: readonly Command[] = [
  backupCommand,
  restoreCommand,
  zipCommand,
  dumpCommand,
  listCommand,
  findCommand,
  gapsCommand,
  deleteCommand,
  compactCommand,
  purgeCommand,
  pinCommand,
  unpinCommand,
  testCommand,
  drillCommand,
  repairCommand,
  rebuildCommand,
  listBrokenFilesCommand,
  affectedCommand,
  purgeBrokenFilesCommand,
  compareCommand,
  testFiltersCommand,
]

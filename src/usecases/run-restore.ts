// Puts files of a version back: into a folder here, or onto another machine.
import { PullbackError } from '../base/errors.ts'
import { restoreToMachine } from '../engine/restore/outlets/restore-to-machine.ts'
import type { RestoreReport } from '../engine/restore/restore-job.ts'
import { runRestore } from '../engine/restore/run-restore.ts'
import type { VersionChoice } from '../engine/restore/choose-version.ts'
import type { BackupPlace, World } from './world.ts'

export interface RestoreRequest extends BackupPlace {
  readonly version: VersionChoice
  readonly patterns: readonly string[]
  readonly restorePath: string | undefined
  readonly keepWholePaths: boolean
  readonly overwrite: boolean
  readonly restorePermissions: boolean
  readonly skipMetadata: boolean
  /** Not onto another machine. */
  readonly restoreDamaged: boolean
  readonly dryRun: boolean
  /** Without it a restore path on another machine is refused: nothing else that Pullback does writes there. */
  readonly mayRestoreToMachine: boolean
}

export async function restore(request: RestoreRequest, world: World): Promise<RestoreReport> {
  const {
    targetUrl,
    addressOptions,
    tempFolder: folder,
    mayRestoreToMachine,
    restorePath,
    ...choice
  } = request
  const receiver =
    restorePath === undefined ? undefined : world.adapters.receiver(restorePath, addressOptions)
  if (receiver && !mayRestoreToMachine) throw notAllowed(receiver.label)
  if (receiver && choice.restoreDamaged) throw onlyHere(receiver.label)
  const target = world.adapters.target(targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    const job = { ...choice, target, tempFolder: folder ?? world.tempFolder }
    return receiver
      ? await restoreToMachine({ ...job, receiver }, world)
      : await runRestore({ ...job, restorePath }, world)
  } finally {
    await receiver?.close()
    await target.close()
  }
}

function onlyHere(machine: string): PullbackError {
  return new PullbackError('BadOption', {
    what: `damaged files are not restored onto ${machine}`,
    subject: 'restore-damaged',
    advice: 'Restore them into a folder of this machine, look at them, and copy what is of use.',
  })
}

function notAllowed(machine: string): PullbackError {
  return new PullbackError('BadOption', {
    what: `${machine} is another machine, and a restore onto one writes there`,
    subject: machine,
    advice: 'If that is what you want, add --allow-restore-to-machine; else name a folder of this machine.',
  })
}

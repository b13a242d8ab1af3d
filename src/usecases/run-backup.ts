// Makes one backup: opens the destination, reads the sources, leaves a version there.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { PullbackError } from '../base/errors.ts'
import type { BackupReport, BackupSource } from '../engine/backup/backup-job.ts'
import { runBackup } from '../engine/backup/run-backup.ts'
import { selectionRules, type SelectionOptions } from '../engine/select/selection-rules.ts'
import type { BackupPlace, World } from './world.ts'

export interface BackupRequest extends BackupPlace {
  readonly sources: readonly string[]
  /** Which entries of the sources are backed up. */
  readonly selection: SelectionOptions
  /** Undefined: in the folder of the indexes, named after the destination. */
  readonly indexPath: string | undefined
  readonly blocksize: number | undefined
  readonly dblockSizeBytes: number
  /** Of deflate, 0 to 9. */
  readonly level: number
  readonly dryRun: boolean
  /** 0: never. */
  readonly rereadDays: number
  readonly allowRemoval: boolean
  readonly uploadUnchanged: boolean
}

export async function backUp(request: BackupRequest, world: World): Promise<BackupReport> {
  const { addressOptions, dryRun } = request
  const sources = request.sources.map((text) => world.adapters.source(text, addressOptions))
  refuseOverlap(sources)
  const rules = selectionRules(request.selection)
  const target = world.adapters.target(request.targetUrl, addressOptions, world.progress)
  try {
    await target.open({ create: !dryRun }, world.signal)
    const { passphrase, prefix, blocksize, dblockSizeBytes, level } = request
    const { uploadUnchanged, rereadDays, allowRemoval } = request
    const how = { blocksize, dblockSizeBytes, level, dryRun, uploadUnchanged, rereadDays, allowRemoval }
    const job = { target, sources, rules, passphrase, prefix, ...how }
    const indexPath =
      request.indexPath ?? join(world.indexFolder, `${indexName(target.label, prefix)}.sqlite`)
    const tempFolder = request.tempFolder ?? world.tempFolder
    return await runBackup({ ...job, indexPath, tempFolder, appVersion: world.appVersion }, world)
  } finally {
    await target.close()
  }
}

/** The same destination and prefix give the same index, whatever options the address carries. */
function indexName(label: string, prefix: string): string {
  return createHash('sha256').update(`${label}\n${prefix}`).digest('hex').slice(0, 20)
}

/** Each path exists once in a version: a source inside another one would be there twice. */
function refuseOverlap(sources: readonly BackupSource[]): void {
  for (const [at, inner] of sources.entries()) {
    for (const [other, outer] of sources.entries()) {
      if (at === other || !isWithin(inner.mountPath, outer.mountPath)) continue
      throw new PullbackError('BadArguments', {
        what: `the source ${inner.source.label} lies inside ${outer.source.label}, or at the same path in the backup`,
        subject: inner.source.label,
        advice: 'Leave one of them out, or give it a path of its own: @/path|address.',
      })
    }
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

// The set that a request means: where it lies, where its index is, and how its volumes are named and written.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { BackupSet } from '../engine/set/open-set.ts'
import type { Target } from '../targets/target.ts'
import type { BackupPlace, World } from './world.ts'

export interface SetPlace extends BackupPlace {
  /** Undefined: in the folder of the indexes, named after the destination. */
  readonly indexPath: string | undefined
  readonly dblockSizeBytes: number
  /** Of deflate, 0 to 9. */
  readonly level: number
}

export function backupSet(place: SetPlace, target: Target, world: World): BackupSet {
  const { passphrase, prefix, dblockSizeBytes, level } = place
  return {
    target,
    prefix,
    passphrase,
    dblockSizeBytes,
    level,
    indexPath: place.indexPath ?? join(world.indexFolder, `${indexName(target.label, prefix)}.sqlite`),
    tempFolder: place.tempFolder ?? world.tempFolder,
    appVersion: world.appVersion,
  }
}

/** Opens the destination of a backup that exists for one piece of work, and closes it again. */
export async function withBackupSet<T>(
  place: SetPlace,
  world: World,
  work: (set: BackupSet) => Promise<T>,
): Promise<T> {
  const target = world.adapters.target(place.targetUrl, place.addressOptions, world.progress)
  try {
    await target.open({ create: false }, world.signal)
    return await work(backupSet(place, target, world))
  } finally {
    await target.close()
  }
}

/** The same destination and prefix give the same index, whatever options the address carries. */
function indexName(label: string, prefix: string): string {
  return createHash('sha256').update(`${label}\n${prefix}`).digest('hex').slice(0, 20)
}

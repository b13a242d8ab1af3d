// What follows when a volume is found damaged: from now on nothing counts on it. The blocks of a damaged dblock are
// forgotten, and entries that need them will be read again by the next backup, which stores them anew while they are
// still at their source. A volume that is found whole again counts again.
import type { Index } from '../../index-db/open-index.ts'
import { markUnstored } from '../../index-db/unstored-entries.ts'
import type { VolumeRow } from '../../index-db/volume-table.ts'

/** Writes it into the index; to be committed by the caller. */
export function noteDamage(index: Index, { id, kind }: VolumeRow, damage: string): void {
  index.volumes.noteDamage(id, damage)
  if (kind !== 'dblock') return
  index.blocks.dropVolumes([id])
  markUnstored(index.database)
}

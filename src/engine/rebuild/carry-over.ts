// What an index knows and the destination cannot say: the hash that a volume was stored with, when it was last read as
// a whole, which were found damaged, how far the rounds of reading have come, and what was marked to go. The first
// three outlive a rebuild for volumes of the same name and size. The marks do only where the index and the destination
// agreed: any other index may be an old copy, and what it wanted to go may be needed now.
import { dropVersions } from '../../index-db/drop-versions.ts'
import type { Index } from '../../index-db/open-index.ts'
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'

const rounds = ['checks', 'reread', 'compacted'] as const

/** From an index into the one that is to take its place. */
export function carryOver(from: Index, to: Index, { agreed }: { readonly agreed: boolean }): void {
  for (const name of rounds) {
    const value = from.setting(name)
    if (value !== undefined) to.set(name, value)
  }
  const before = new Map(from.volumes.all().map((row) => [row.name, row]))
  const withoutBlocks: number[] = []
  for (const row of to.volumes.all()) {
    const old = before.get(row.name)
    if (!old || old.sizeBytes !== row.sizeBytes) continue
    if (isPresent(old)) {
      to.volumes.carryOver(row.id, old)
      if (old.damage !== undefined) withoutBlocks.push(row.id)
    } else if (agreed && isGoing(old)) {
      to.volumes.carryOver(row.id, old)
      to.volumes.markDeleting(row.id, old.notBeforeMs ?? 0)
      withoutBlocks.push(row.id)
      if (!hasVersion(from, old)) dropVersions(to.database, versionsOf(to, row))
    }
  }
  to.blocks.dropVolumes(withoutBlocks)
}

function isGoing({ state }: VolumeRow): boolean {
  return state === 'deleting' || state === 'deleted'
}

/** A version that is to go is one until its file list is gone; one that was purged has another list by then. */
function hasVersion(index: Index, dlist: VolumeRow): boolean {
  return versionsOf(index, dlist).length > 0
}

function versionsOf({ versions }: Index, { id }: VolumeRow): number[] {
  return versions
    .all()
    .filter(({ dlistId }) => dlistId === id)
    .map((version) => version.id)
}

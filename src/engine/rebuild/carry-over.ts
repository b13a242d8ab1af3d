// What an index knows and the destination cannot say: the hash that a volume was stored with, when it was last read as
// a whole, which were found damaged, how far the rounds of reading have come. It outlives a rebuild for volumes of the
// same name and size.
import type { Index } from '../../index-db/open-index.ts'
import { isPresent } from '../../index-db/volume-table.ts'

const rounds = ['checks', 'reread'] as const

/** Notes it down from an index, and gives what writes it into the one that takes its place. */
export function carryOver(from: Index): (to: Index) => void {
  const before = new Map(
    from.volumes
      .all()
      .filter(isPresent)
      .map((row) => [row.name, row]),
  )
  const settings = rounds.map((name) => [name, from.setting(name)] as const)
  return (to) => {
    for (const [name, value] of settings) if (value !== undefined) to.set(name, value)
    const damaged: number[] = []
    for (const row of to.volumes.all()) {
      const old = before.get(row.name)
      if (!old || old.sizeBytes !== row.sizeBytes) continue
      to.volumes.carryOver(row.id, old)
      if (old.damage !== undefined && row.kind === 'dblock') damaged.push(row.id)
    }
    to.blocks.dropVolumes(damaged)
  }
}

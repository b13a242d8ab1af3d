// How much of a backup was read and found whole within a time: the one number that says how sure one may be of it.
import { isPresent, type VolumeRow } from '../../index-db/volume-table.ts'

export interface Coverage {
  readonly totalBytes: number
  /** Of these: in volumes that were read to their last byte within the time, and were whole. */
  readonly readBytes: number
  readonly withinMs: number
}

export function coverageOf(
  volumes: readonly VolumeRow[],
  { nowMs, withinMs }: { readonly nowMs: number; readonly withinMs: number },
): Coverage {
  let [totalBytes, readBytes] = [0, 0]
  for (const { sizeBytes = 0, checkedMs, damage } of volumes.filter(isPresent)) {
    totalBytes += sizeBytes
    if (damage === undefined && checkedMs !== undefined && checkedMs >= nowMs - withinMs)
      readBytes += sizeBytes
  }
  return { totalBytes, readBytes, withinMs }
}

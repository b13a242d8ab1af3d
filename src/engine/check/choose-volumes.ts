// Which volumes a check reads. Samples are those that were checked least often, those without a recorded hash first;
// beside them, what is due so that everything is read again within a given time: what was not checked for longest goes
// first, as many bytes as that takes since the last check.
import type { VolumeKind, VolumeRow } from '../../index-db/volume-table.ts'

export interface CheckPlan {
  /** Sets of one dlist, one dindex and one dblock; `all`: every volume. */
  readonly samples: number | 'all'
  /** At least so many percent of the kind that has most volumes, in sets. */
  readonly samplePercent: number
  /** Every volume is read again within so many milliseconds; 0: only the samples are read. */
  readonly everythingInMs: number
  /** Nothing is read until as much is due as the samples have: nobody asked for samples in each run. */
  readonly onlyWhenDue?: true
}

/** How far reading everything has come: kept from check to check. */
export interface Rolling {
  readonly atMs: number
  /** Bytes that were due and not read; less than 0 when more was read than was due. */
  readonly owedBytes: number
}

const kinds: readonly VolumeKind[] = ['dlist', 'dindex', 'dblock']

/** The volumes to read, each once, and how far that brings it. */
export function chooseVolumes(
  volumes: readonly VolumeRow[],
  plan: CheckPlan,
  before: { readonly rolling: Rolling | undefined; readonly nowMs: number },
): { readonly chosen: VolumeRow[]; readonly rolling: Rolling } {
  const { nowMs } = before
  if (plan.samples === 'all') return { chosen: [...volumes], rolling: { atMs: nowMs, owedBytes: 0 } }
  const due = dueBytes(sizeOf(volumes), plan, before)
  const ofKind = kinds.map((kind) => volumes.filter((row) => row.kind === kind))
  const most = Math.max(...ofKind.map((rows) => rows.length))
  const sets = Math.max(plan.samples, Math.ceil((most * plan.samplePercent) / 100))
  const chosen = ofKind.flatMap((rows) => rows.toSorted(leastChecked).slice(0, sets))
  // Of a backup that no check has looked at yet the round begins now: nothing is due.
  if (plan.onlyWhenDue && Math.ceil(due) < sizeOf(chosen)) {
    return { chosen: [], rolling: { atMs: nowMs, owedBytes: due } }
  }
  let owedBytes = due - sizeOf(chosen)
  const taken = new Set(chosen)
  for (const row of volumes.toSorted(longestAgo)) {
    if (owedBytes <= 0) break
    if (taken.has(row)) continue
    chosen.push(row)
    owedBytes -= row.sizeBytes ?? 0
  }
  return { chosen, rolling: { atMs: nowMs, owedBytes: plan.everythingInMs === 0 ? 0 : owedBytes } }
}

function sizeOf(volumes: readonly VolumeRow[]): number {
  return volumes.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0)
}

function dueBytes(
  totalBytes: number,
  { everythingInMs }: CheckPlan,
  { rolling, nowMs }: { readonly rolling: Rolling | undefined; readonly nowMs: number },
): number {
  if (everythingInMs === 0 || !rolling) return 0
  const share = Math.max(0, nowMs - rolling.atMs) / everythingInMs
  return Math.min(totalBytes, rolling.owedBytes + totalBytes * share)
}

function leastChecked(a: VolumeRow, b: VolumeRow): number {
  return (
    Number(a.sha256 !== undefined) - Number(b.sha256 !== undefined) || a.checks - b.checks || longestAgo(a, b)
  )
}

function longestAgo(a: VolumeRow, b: VolumeRow): number {
  return (a.checkedMs ?? 0) - (b.checkedMs ?? 0) || a.id - b.id
}

import { describe, expect, it } from 'vitest'
import type { VolumeKind, VolumeRow } from '../../index-db/volume-table.ts'
import { chooseVolumes, type CheckPlan } from './choose-volumes.ts'

const dayMs = 24 * 3600 * 1000
const plan: CheckPlan = { samples: 1, samplePercent: 0, everythingInMs: 0 }
const first = { rolling: undefined, nowMs: 0 }

function volume(id: number, kind: VolumeKind, facts: Partial<VolumeRow> = {}): VolumeRow {
  return {
    id,
    kind,
    name: `${kind} ${id}`,
    state: 'verified',
    sizeBytes: 100,
    sha256: Buffer.alloc(32),
    describes: undefined,
    notBeforeMs: undefined,
    checkedMs: undefined,
    checks: 0,
    damage: undefined,
    ...facts,
  }
}

function idsOf(chosen: readonly VolumeRow[]): number[] {
  return chosen.map(({ id }) => id)
}

describe('samples', () => {
  it('are one of each kind: without a hash first, then checked least often, then longest ago', () => {
    const volumes = [
      volume(1, 'dlist', { checks: 2, checkedMs: 5 }),
      volume(2, 'dlist', { checks: 1, checkedMs: 9 }),
      volume(3, 'dlist', { checks: 1, checkedMs: 8 }),
      volume(4, 'dindex', { checks: 0 }),
      volume(5, 'dindex', { checks: 7, sha256: undefined }),
      volume(6, 'dblock'),
      volume(7, 'dblock'),
    ]
    expect(idsOf(chooseVolumes(volumes, plan, first).chosen)).toEqual([3, 5, 6])
  })

  it('are the percentage of the kind with most volumes, where that is more', () => {
    const volumes = [volume(1, 'dlist'), ...Array.from({ length: 40 }, (_, at) => volume(10 + at, 'dblock'))]
    const { chosen } = chooseVolumes(volumes, { ...plan, samplePercent: 6 }, first)
    expect(idsOf(chosen)).toEqual([1, 10, 11, 12])
  })

  it('can be none, or all', () => {
    const volumes = [volume(1, 'dlist'), volume(2, 'dblock')]
    expect(chooseVolumes(volumes, { ...plan, samples: 0 }, first).chosen).toEqual([])
    expect(idsOf(chooseVolumes(volumes, { ...plan, samples: 'all' }, first).chosen)).toEqual([1, 2])
  })
})

describe('reading everything within a time', () => {
  it('leaves the samples out until they are due, unless they were asked for', () => {
    const volumes = [volume(1, 'dlist'), volume(2, 'dblock')]
    const patient = { ...plan, everythingInMs: 30 * dayMs, onlyWhenDue: true } as const
    const asked = { ...plan, everythingInMs: 30 * dayMs }
    let before = first as Parameters<typeof chooseVolumes>[2]
    for (let day = 0; day < 30; day += 1) {
      const { chosen, rolling } = chooseVolumes(volumes, patient, { ...before, nowMs: day * dayMs })
      expect(chosen).toEqual([])
      before = { rolling, nowMs: day * dayMs }
    }
    expect(idsOf(chooseVolumes(volumes, asked, before).chosen)).toEqual([1, 2])
    const due = chooseVolumes(volumes, patient, { ...before, nowMs: 30 * dayMs })
    expect(idsOf(due.chosen)).toEqual([1, 2])
    const after = chooseVolumes(volumes, patient, { rolling: due.rolling, nowMs: 31 * dayMs })
    expect(after.chosen).toEqual([])
  })

  it('reads every volume in as many days as were asked for, however many runs that is', () => {
    for (const runsPerDay of [0.2, 1, 5]) {
      const volumes = Array.from({ length: 60 }, (_, at) =>
        volume(at, 'dblock', { sizeBytes: 50 + (at % 7) * 40 }),
      )
      const rolling = { ...plan, samples: 0, everythingInMs: 30 * dayMs }
      let before = first as Parameters<typeof chooseVolumes>[2]
      for (let run = 0; run <= 31 * runsPerDay; run += 1) {
        const nowMs = (run * dayMs) / runsPerDay
        const found = chooseVolumes(volumes, rolling, { ...before, nowMs })
        for (const row of found.chosen)
          volumes[row.id] = { ...row, checkedMs: nowMs + 1, checks: row.checks + 1 }
        before = { rolling: found.rolling, nowMs }
      }
      expect(volumes.filter(({ checks }) => checks === 0)).toEqual([])
      expect(Math.max(...volumes.map(({ checks }) => checks))).toBeLessThanOrEqual(2)
    }
  })

  it('never owes more than all, and a clock that went back owes nothing', () => {
    const volumes = [volume(1, 'dblock'), volume(2, 'dblock')]
    const rolling = { ...plan, samples: 0, everythingInMs: dayMs }
    const late = chooseVolumes(volumes, rolling, { rolling: { atMs: 0, owedBytes: 0 }, nowMs: 900 * dayMs })
    expect(late.chosen).toHaveLength(2)
    expect(late.rolling.owedBytes).toBe(0)
    const back = chooseVolumes(volumes, rolling, { rolling: { atMs: 5 * dayMs, owedBytes: 0 }, nowMs: 0 })
    expect(back.chosen).toEqual([])
  })
})

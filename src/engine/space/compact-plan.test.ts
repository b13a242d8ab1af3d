import fc from 'fast-check'
import { expect, it } from 'vitest'
import { planCompact, type CompactRules, type VolumeState } from './compact-plan.ts'

const rules: CompactRules = {
  dblockSizeBytes: 1000,
  thresholdPercent: 25,
  smallFileSizeBytes: 200,
  smallFileMaxCount: 20,
}

const someVolume = fc.record({
  bytes: fc.integer({ min: 1, max: 1000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})

/** A volume of so many bytes of which so many are needed. */
function volume(volumeId: number, bytes: number, neededBytes: number): VolumeState {
  return { volumeId, name: `v${volumeId}`, sizeBytes: bytes, bytes, neededBytes, neededBlocks: neededBytes }
}

function planned(volumes: readonly VolumeState[]): { drop: number[]; rewrite: string[] } {
  const { drop, rewrite } = planCompact(volumes, rules)
  return {
    drop: drop.map(({ volumeId }) => volumeId),
    rewrite: rewrite.map(({ volumeId, reason }) => `${volumeId} ${reason}`),
  }
}

it('what nobody needs goes, however little it is', () => {
  expect(planned([volume(1, 900, 900), volume(2, 10, 0)])).toEqual({ drop: [2], rewrite: [] })
})

it('volumes with a quarter of waste are written anew when that is a quarter of all, be it one alone', () => {
  expect(planned([volume(1, 900, 600), volume(2, 900, 900)]).rewrite).toEqual([])
  expect(planned([volume(1, 900, 600), volume(2, 900, 600)]).rewrite).toEqual(['1 wasteful', '2 wasteful'])
  expect(planned([volume(1, 900, 300), volume(2, 900, 900)]).rewrite).toEqual(['1 wasteful'])
  expect(planned([volume(1, 900, 600)]).rewrite).toEqual(['1 wasteful'])
})

it('what is left of waste is less than the threshold says', () => {
  fc.assert(
    fc.property(fc.array(someVolume, { maxLength: 40 }), (list) => {
      const volumes = list.map(({ bytes, share }, at) => volume(at + 1, bytes, Math.floor(bytes * share)))
      const { drop, rewrite } = planCompact(volumes, rules)
      const going = new Set([...drop, ...rewrite].map(({ volumeId }) => volumeId))
      const used = volumes.filter(({ neededBlocks }) => neededBlocks > 0)
      const waste = used.filter(({ volumeId, bytes, neededBytes }) => {
        const percent =
          Math.max((bytes - neededBytes) / bytes, (bytes - neededBytes) / rules.dblockSizeBytes) * 100
        return !going.has(volumeId) && percent >= rules.thresholdPercent
      })
      const wasteBytes = waste.reduce((sum, { bytes, neededBytes }) => sum + bytes - neededBytes, 0)
      const allBytes = used.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(wasteBytes * 100).toBeLessThan(Math.max(1, allBytes * rules.thresholdPercent))
    }),
  )
})

it('waste that is little of all is left where it is', () => {
  const sound = Array.from({ length: 20 }, (_, at) => volume(at + 3, 900, 900))
  expect(planned([volume(1, 900, 600), volume(2, 900, 600), ...sound]).rewrite).toEqual([])
})

it('small volumes are merged when they are many, or fill a volume', () => {
  const small = (count: number, bytes: number): VolumeState[] =>
    Array.from({ length: count }, (_, at) => volume(at + 1, bytes, bytes))
  expect(planned(small(20, 10)).rewrite).toEqual([])
  expect(planned(small(21, 10)).rewrite).toHaveLength(21)
  expect(planned(small(5, 200)).rewrite).toEqual([])
  expect(planned(small(6, 200)).rewrite).toHaveLength(6)
})

it('no volume is both dropped and rewritten, none that is needed is dropped', () => {
  fc.assert(
    fc.property(fc.array(someVolume, { maxLength: 40 }), (list) => {
      const volumes = list.map(({ bytes, share }, at) => volume(at + 1, bytes, Math.floor(bytes * share)))
      const { drop, rewrite } = planCompact(volumes, rules)
      const ids = [...drop, ...rewrite].map(({ volumeId }) => volumeId)
      expect(new Set(ids).size).toBe(ids.length)
      expect(drop.every(({ neededBlocks }) => neededBlocks === 0)).toBe(true)
      expect(rewrite.every(({ neededBlocks }) => neededBlocks > 0)).toBe(true)
    }),
  )
})

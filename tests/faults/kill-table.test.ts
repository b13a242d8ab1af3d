// The kill table, in part: runs are killed, or refused by the disk, at a sample of their steps. The seed decides which;
// KILL_TABLE_SEED repeats a run. `npm run kill-table` takes all of them and writes docs/kill-table.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../support/kill-table/operations.ts'
import { Scene } from '../support/kill-table/scene.ts'
import { commits, faults, stepsOf, sweepSteps, writes, type Fault } from '../support/kill-table/sweep.ts'
import type { EffectKind } from '../support/shim/run-under-shim.ts'
import { shimMissing } from '../support/shim/shim-library.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Of the steps that a fault can come to: a step takes up to a second on two cores. */
const sampledCommits: Readonly<Record<Fault['name'], number>> = { killed: 7 }
const sampledWrites = 2
const sampledOtherwise = 3
const seed = Number(process.env['KILL_TABLE_SEED'] ?? Date.now() % 100_000)

describe.skipIf(shimMissing())('a run that meets its end, or a disk that refuses, at any step', () => {
  let scene: Scene
  beforeAll(async () => {
    process.stdout.write(`KILL_TABLE_SEED=${seed}\n`)
    scene = await Scene.build(tempFolder(afterAll))
  })

  describe.each(operations)('$name', (operation) => {
    let undisturbed: EffectKind[]
    beforeAll(async () => {
      undisturbed = await stepsOf(scene, operation)
    })

    it.each(faults)('$name: nothing is lost, and the next run finishes', async (fault) => {
      const sweep = { scene, operation, fault }
      for (const [kinds, count] of [
        [commits, sampledCommits[fault.name] ?? sampledOtherwise],
        [writes, sampledWrites],
      ] as const) {
        const able = kinds.filter((kind) => fault.kinds.includes(kind))
        const steps = sample(undisturbed.filter((kind) => able.includes(kind)).length, count)
        const results = await sweepSteps(sweep, able, steps)
        expect(results.flatMap(({ findings }) => findings)).toEqual([])
      }
    })
  })
})

describe('the page of the kill table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/kill-table.md'), 'utf8')

  it.each(operations)('has a line for every fault of: $name', ({ name }) => {
    for (const fault of faults)
      expect(page).toMatch(new RegExp(`^\\| ${name} +\\| ${fault.name} +\\| \\d`, 'm'))
  })
})

/** Numbers from 1 to `last`, at most `count`, spread over all of them; which ones follows from the seed. */
function sample(last: number, count: number): number[] {
  const stride = Math.max(1, last / count)
  return Array.from(
    { length: Math.min(last, count) },
    (_, at) => 1 + Math.floor(at * stride + (seed % stride)),
  )
}

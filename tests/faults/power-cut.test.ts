// The power fails at the steps of a backup: what has a name at the destination is whole, earlier versions come back,
// and the next run finishes. A disk of its own loses everything that was not brought to it.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CrashDisk, crashDiskMissing } from '../support/crash-disk.ts'
import { judgeFinished, judgeHarmed } from '../support/kill-table/judge.ts'
import { operations, type Operation } from '../support/kill-table/operations.ts'
import { Scene, type Place } from '../support/kill-table/scene.ts'
import { stepsOf } from '../support/kill-table/sweep.ts'
import { runUnderShim } from '../support/shim/run-under-shim.ts'
import { shimMissing } from '../support/shim/shim-library.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The calls around which the order of a backup is built; so many of them are taken. */
const kinds = ['link', 'fsync'] as const
const steps = 6
const backups = operations.filter(({ makes }) => 'version' in makes)

describe.skipIf(shimMissing() || crashDiskMissing())('a power cut', () => {
  let scene: Scene
  let disk: CrashDisk
  beforeAll(async () => {
    scene = await Scene.build(tempFolder(afterAll))
  })
  beforeEach(() => {
    disk = new CrashDisk()
  })
  afterEach(() => disk.remove())

  it.each(backups)('at any step of: $name, harms nothing', async (operation) => {
    const undisturbed = await stepsOf(scene, operation)
    const last = undisturbed.filter((kind) => kinds.some((one) => one === kind)).length
    for (let step = 1; step <= steps; step += 1) {
      await survive(operation, Math.ceil((step * last) / steps))
      disk.remove()
      disk = new CrashDisk()
    }
  })

  async function survive(operation: Operation, at: number): Promise<void> {
    const place = scene.place(operation.from, disk.folder)
    disk.restart()
    const args = operation.args(scene, place)
    const harm = { how: 'power-cut', at, kinds, disk: disk.folder } as const
    const run = await runUnderShim(args, { folder: place.folder, harm })
    disk.restart()
    expect(run.exitCode, `at ${at}`).toBeUndefined()
    expect(run.effects.map(({ kind }) => kind)).not.toContain('no-power-cut')
    expect(emptyNames(place)).toEqual([])
    expect(await judgeHarmed({ scene, operation, place })).toEqual([])
    place.age()
    expect((await scene.run(args)).exitCode).toBeLessThan(3)
    expect(await judgeFinished({ scene, operation, place })).toEqual([])
  }
})

/** Volumes that have their name and no bytes. */
function emptyNames({ backup }: Place): string[] {
  const names = existsSync(backup) ? readdirSync(backup) : []
  return names.filter((name) => !name.startsWith('tmp-x') && statSync(join(backup, name)).size === 0)
}

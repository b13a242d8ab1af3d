// Ctrl-C in every phase: the run ends with the one sentence for it, nothing half done is left, every earlier version
// is as it was, and the next run finishes.
import { appendFileSync, existsSync, linkSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Progress, type Phase } from '../../src/engine/progress.ts'
import { backedUpFiles } from '../support/backed-up-files.ts'
import { describeTree } from '../support/describe-tree.ts'
import { TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf, manyFiles } from '../support/trees.ts'

const backupPhases: readonly Phase[] = [
  'checking the destination',
  'connecting',
  'reading files',
  'finishing volumes',
  'writing the file list',
]

const restorePhases: readonly Phase[] = [
  'checking the destination',
  'reading the file list',
  'planning',
  'restoring files',
]

describe('a backup that is stopped', () => {
  it.for(backupPhases)('while %s harms nothing, and the next run finishes', async (phase) => {
    const { folder, tree, backup } = await backedUpFiles(300)
    const before = describeTree(tree)
    writeFileSync(join(tree, 'long'), contentOf('long', 1_500_000))
    appendFileSync(join(tree, 'd0000', 'file-000001.txt'), 'more')
    await expect(backup.backUp(tree, stopAt(phase))).rejects.toMatchObject({ code: 'Cancelled' })
    expect(temporaryFiles(folder)).toEqual([])
    await backup.restore(join(folder, 'old'))
    expectSameTree(before, join(folder, 'old'))
    await backup.backUp(tree)
    // What the stopped run had confirmed by then, if anything, is a partial version between the two.
    const { versions } = await backup.check()
    expect(versions.length).toBeGreaterThanOrEqual(2)
    expect((await backup.restore(join(folder, 'whole'))).version.isFull).toBe(true)
    await backup.restore(join(folder, 'new'))
    expectSameTree(tree, join(folder, 'new'))
  })

  it.for([
    ['connecting', 'reading files'],
    ['reading files', 'finishing volumes'],
    ['reading files', 'writing the file list'],
    ['finishing volumes', 'writing the file list'],
    ['reading files', 'checking the result'],
  ] as const)('while %s, and again while %s, ends, and the next run finishes', async ([first, second]) => {
    const { folder, tree, backup } = await backedUpFiles(50)
    writeFileSync(join(tree, 'long'), contentOf('long', 1_500_000))
    const { progress, stops } = stopAtEach([first, second])
    const [stop, giveUp] = stops
    const run = backup.backUp(tree, { progress, signal: stop.signal, giveUp: giveUp.signal })
    await expect(run).rejects.toMatchObject({ code: 'Cancelled' })
    expect(temporaryFiles(folder)).toEqual([])
    expect(await backup.backUp(tree)).toMatchObject({ stopped: false, gaps: [] })
    await backup.check({ cutOff: true })
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })

  it('while the result is checked may have made its version; the next run knows', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    manyFiles(tree, 100)
    const backup = new TestBackup(folder)
    await expect(backup.backUp(tree, stopAt('checking the result'))).rejects.toMatchObject({
      code: 'Cancelled',
    })
    await backup.backUp(tree)
    await backup.check()
    await backup.restore(join(folder, 'out'))
    expectSameTree(tree, join(folder, 'out'))
  })
})

describe('a temporary name that could not be taken away', () => {
  it('goes with the next run, though the volume itself is at the destination', async () => {
    const { tree, backup } = await backedUpFiles(10)
    const volumes = readdirSync(backup.folder)
    for (const name of volumes)
      linkSync(join(backup.folder, name), join(backup.folder, `tmp-x00000000-${name}`))
    await backup.backUp(tree)
    expect(readdirSync(backup.folder)).toEqual(volumes)
  })
})

describe('a restore that is stopped', () => {
  it.for(restorePhases)('while %s leaves no half file, and can be done again', async (phase) => {
    const { folder, tree, backup } = await backedUpFiles(300)
    const out = join(folder, 'out')
    await expect(backup.restore(out, {}, stopAt(phase))).rejects.toMatchObject({ code: 'Cancelled' })
    expect(temporaryFiles(folder)).toEqual([])
    expect((await backup.restore(out)).failed).toEqual([])
    expectSameTree(tree, out, { onlyFiles: true })
  })

  it('is told so while a long plan is made, not after it', async () => {
    const { folder, backup } = await backedUpFiles(3000)
    const out = join(folder, 'out')
    // The mark of this restore is there when the first entry is planned.
    const isPlanning = ({ phase }: Progress): boolean =>
      phase === 'planning' && existsSync(out) && temporaryFiles(out).length > 0
    const { progress, signal, stop } = stoppedByTimer(isPlanning)
    await expect(backup.restore(out, {}, { progress, signal })).rejects.toMatchObject({ code: 'Cancelled' })
    stop()
    expect(progress.phase).toBe('planning')
    expect(temporaryFiles(folder)).toEqual([])
  })
})

/** Fires its signal when a timer finds it so, as a signal from outside would. */
function stoppedByTimer(isTime: (progress: Progress) => boolean): {
  readonly progress: Progress
  readonly signal: AbortSignal
  readonly stop: () => void
} {
  const controller = new AbortController()
  const progress = new Progress()
  const timer = setInterval(() => {
    if (isTime(progress)) controller.abort()
  }, 1)
  return { progress, signal: controller.signal, stop: () => clearInterval(timer) }
}

/** Fires its signal at the moment when the run enters the phase. */
function stopAt(wanted: Phase): { readonly progress: Progress; readonly signal: AbortSignal } {
  const { progress, stops } = stopAtEach([wanted, wanted])
  return { progress, signal: stops[0].signal }
}

/** Asks once at the first phase and once more at the second. */
function stopAtEach(wanted: readonly [Phase, Phase]): {
  readonly progress: Progress
  readonly stops: readonly [AbortController, AbortController]
} {
  const stops = [new AbortController(), new AbortController()] as const
  const progress = new Progress()
  let phase: Phase = 'connecting'
  Object.defineProperty(progress, 'phase', {
    get: () => phase,
    set: (next: Phase) => {
      phase = next
      for (const [at, stop] of stops.entries()) if (next === wanted[at]) stop.abort()
    },
  })
  return { progress, stops }
}

function temporaryFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /(^|\/)(tmp-x|\.?pullback-)/.test(name))
}

// A volume that was on its way when a run died, and arrived as something else: it counts for nothing, stops no later
// run, does not have the index built again each time, and goes when its day is over.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../src/base/clock.ts'
import { AssertionFailed, assert } from '../../src/base/assert.ts'
import { withOpenSet } from '../../src/engine/set/open-set.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { BackupStory } from '../support/backup-story.ts'
import { runContext, testPassphrase } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

const harms = [
  { kind: 'dblock', name: 'with another byte', harm: flipLastByte, faults: [] },
  { kind: 'dindex', name: 'that always ends early', harm: () => undefined, faults: [unreadable('truncate')] },
  { kind: 'dlist', name: 'cut short', harm: (path: string) => truncateSync(path, 500), faults: [] },
  { kind: 'dlist', name: 'that cannot be read', harm: () => undefined, faults: [unreadable('error')] },
] as const

let told: BackupStory

beforeAll(async () => {
  told = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
})

it.each(harms)(
  'a $kind in flight $name is stored anew, and goes a day later',
  async ({ kind, harm, faults }) => {
    const story = told.copy()
    const before = story.names()
    story.change(4)
    await expect(backUp(story, [lostAnswer(kind)])).rejects.toMatchObject({ code: 'DestinationFull' })
    const arrived = story.names().find((name) => !before.includes(name) && name.includes(`.${kind}.`)) ?? ''
    harm(story.path(arrived))
    const itsFaults = faults.map((fault) => ({ ...fault, nameHolds: arrived }))
    const next = await backUp(story, itsFaults)
    expect(next).toMatchObject({ indexRebuilt: false, gaps: [] })
    story.change(5)
    expect(await backUp(story, itsFaults)).toMatchObject({
      indexRebuilt: false,
      gaps: [],
      finishedMs: undefined,
    })
    story.change(6)
    await backUp(story, itsFaults, { ...systemClock, nowMs: () => Date.now() + 25 * 3_600_000 })
    expect(story.names()).not.toContain(arrived)
    await story.backup.check()
    await story.expectVersions()
  },
)

it('an assertion that fails takes back what the index was told since its last commit', async () => {
  const story = told.copy()
  const run = runContext({})
  const before = story.backup.withIndex((index) => index.setting('checks'))
  const work = withOpenSet({ set: story.backup.job([]), run }, async ({ index }) => {
    index.begin()
    index.set('checks', 'half done')
    assert(before === 'never', 'what does not hold')
  })
  await expect(work).rejects.toBeInstanceOf(AssertionFailed)
  expect(story.backup.withIndex((index) => index.setting('checks'))).toBe(before)
  expect(await story.backUp()).toMatchObject({ indexRebuilt: false })
  await story.backup.check()
})

function backUp(
  story: BackupStory,
  faults: readonly Fault[],
  clock: Clock = systemClock,
): ReturnType<BackupStory['backUp']> {
  const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), faults)
  return story.backUp({ changes: { target }, clock })
}

/** The file arrives, and the run dies without knowing. */
function lostAnswer(kind: string): Fault {
  return { verb: 'put', nameHolds: `.${kind}.`, effect: 'error', at: 'after', code: 'DestinationFull' }
}

function unreadable(effect: 'error' | 'truncate'): Fault {
  if (effect === 'error') return { verb: 'get', effect, at: 'middle', code: 'DestinationFailed' }
  return { verb: 'get', effect, keepShare: 0.5 }
}

function flipLastByte(path: string): void {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0x01, bytes.length - 1)
  writeFileSync(path, bytes)
}

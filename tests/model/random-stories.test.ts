// Random stories of a backup's life: files come, change and go; runs end well, fail, are stopped; old versions are
// thinned and space is given back; a machine is away, a filter comes and goes, the index is lost or an old copy of it
// comes back. Whatever happens, every version stays what it was, and the next run finishes. A story that fails is
// shrunk and printed with its seed: `MODEL_SEED=… MODEL_RUNS=… vitest run tests/model` plays it again.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { play, story, storyRuns } from './story-steps.ts'
import { StoryTeller } from './story-teller.ts'

it('every version stays what it was, and the next run finishes', { timeout: 1_800_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      const teller = new StoryTeller()
      for (const next of steps) await play(teller, next)
      await teller.run()
      const versions = await teller.check()
      expect(versions.length).toBeGreaterThan(0)
      for (const { timeMs } of [versions[0], versions.at(-1)].filter((one) => one !== undefined)) {
        await teller.restore(timeMs)
      }
    }),
    storyRuns(12),
  )
})

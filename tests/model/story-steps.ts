// The steps of random stories, and how each is played.
import fc from 'fast-check'
import type { Fault } from '../../src/targets/around/fault.ts'
import type { StoryTeller } from './story-teller.ts'

export const paths = [
  'machine/a',
  'machine/b',
  'machine/folder/c',
  'machine/folder/d',
  'machine/folder/deeper/e',
  'machine/folder',
  'machine/a/f',
  'other/g',
  'other/h',
]
/** Few small blocks, mostly; now and then as many as fill a volume. */
const blocks = fc.oneof({ weight: 9, arbitrary: fc.nat(9) }, { weight: 1, arbitrary: fc.constant(900) })

const path = fc.constantFrom(...paths)
const edit = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('write'), path, seed: fc.nat(9), blocks }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), path }) },
)
const fault = fc.record({
  kind: fc.constant('fail'),
  verb: fc.constantFrom('put', 'put', 'put', 'list', 'get', 'delete'),
  volume: fc.constantFrom('.dblock.', '.dindex.', '.dlist.'),
  nth: fc.integer({ min: 1, max: 4 }),
  at: fc.constantFrom('before', 'middle', 'after'),
  keep: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 }),
})
const stop = fc.record({
  kind: fc.constant('stop'),
  after: fc.integer({ min: 1, max: 10 }),
  inOrder: fc.boolean(),
})
const thin = fc.record({ kind: fc.constant('thin'), keepAtMost: fc.integer({ min: 1, max: 3 }) })
const simple = fc
  .constantFrom('run', 'run', 'lose-index', 'keep-index', 'old-index', 'filtered', 'away', 'dry', 'rebuild')
  .map((kind) => ({ kind }))
const step = fc.oneof(
  { weight: 4, arbitrary: edit },
  { weight: 2, arbitrary: fault },
  stop,
  thin,
  simple,
  simple,
)

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

export async function play(teller: StoryTeller, next: Step): Promise<void> {
  if ('blocks' in next) return teller.write(next.path, next.seed, next.blocks)
  if ('path' in next) return teller.remove(next.path)
  if ('inOrder' in next) return teller.stoppedRun(next.after, next.inOrder)
  if ('verb' in next) return teller.failingRun(faultOf(next), next.keep)
  if ('keepAtMost' in next) return teller.run(next.keepAtMost)
  if (next.kind === 'run') return teller.run()
  if (next.kind === 'filtered') return teller.filteredRun()
  if (next.kind === 'away') return teller.runWithoutOther()
  if (next.kind === 'dry') return teller.dryRun()
  if (next.kind === 'rebuild') return teller.rebuild()
  if (next.kind === 'lose-index') return teller.loseIndex()
  if (next.kind === 'keep-index') return teller.keepIndex()
  return teller.bringOldIndex()
}

function faultOf({ verb, volume, nth, at }: Extract<Step, { verb: string }>): Fault {
  const moment = at === 'before' || at === 'middle' ? at : 'after'
  const named = verb === 'list' ? {} : { nameHolds: volume }
  const on = verb === 'list' || verb === 'get' || verb === 'delete' ? verb : 'put'
  return { verb: on, ...named, nth, effect: 'error', at: moment, code: 'DestinationFull' }
}

export const story = fc.array(step, { minLength: 6, maxLength: 24 })

/** What a run of stories is played with; a seed that is not given is printed with a story that fails. */
export function storyRuns(numRuns: number): { readonly seed: number; readonly numRuns: number } {
  return {
    seed: Number(process.env['MODEL_SEED'] ?? Date.now() % 2 ** 31),
    numRuns: Number(process.env['MODEL_RUNS'] ?? numRuns),
  }
}

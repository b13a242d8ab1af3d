// A destination that fails, and one that lies, for a whole life of a backup: drawn from seeds, each printed with its
// test. `FAULT_SEED=… FAULT_RUNS=… vitest run tests/faults/failing-destination.test.ts` plays others.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/base/error-catalogue.ts'
import type { Fault, Moment } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { TargetFile } from '../../src/targets/target.ts'
import { BackupStory } from '../support/backup-story.ts'
import { DestinationLife } from '../support/destination-life.ts'
import { tempFolder } from '../support/temp-folder.ts'

const firstSeed = Number(process.env['FAULT_SEED'] ?? 1)
const runs = Number(process.env['FAULT_RUNS'] ?? 3)
const seeds = Array.from({ length: runs }, (_, at) => firstSeed + at)
const steps = 7

type Draw = (bound: number) => number

const moments: readonly Moment[] = ['before', 'middle', 'after']
const kinds = ['.dblock.', '.dindex.', '.dlist.']
const verbs = ['list', 'put', 'put', 'put', 'get', 'get', 'stat', 'delete', 'delete', 'sweep'] as const
const codes: readonly ErrorCode[] = [
  'DestinationFailed',
  'DestinationFailed',
  'DestinationFailed',
  'DestinationPermission',
  'DestinationFull',
  'DestinationMissing',
]

it('a list that names everything twice is the list', async () => {
  const story = (await BackupStory.tell(tempFolder(), undefined)).copy()
  const restored = async (faults: readonly Fault[]): Promise<number> => {
    const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), faults)
    const out = join(tempFolder(), 'out')
    return (await story.backup.restore(out, { target, version: { number: 1 } })).version.timeMs
  }
  const twice = { verb: 'list', effect: 'twice' } as const
  expect(await restored([twice])).toBe(await restored([]))
  rmSync(story.backup.indexPath)
  const target = new FaultyTarget(new LocalTarget({ folder: story.backup.folder }), [twice])
  expect(await story.backUp({ changes: { target } })).toMatchObject({ indexRebuilt: true, gaps: [] })
  await story.expectVersions()
})

describe.each(seeds)('a life of seed %i', (seed) => {
  it('with a destination that fails: every version stays what it was, and the next run finishes', async () => {
    const life = new DestinationLife(seed, failures)
    await life.play(steps)
    await life.finish()
    expect(await life.problems()).toEqual([])
  })

  it('with a destination that lies: nothing wrong comes back, and the next run is whole', async () => {
    const life = new DestinationLife(seed, failuresAndLies)
    await life.play(steps)
    await life.finish()
    expect(await life.problems()).toEqual([])
  })
})

function failures(number: Draw): Fault[] {
  return Array.from({ length: 1 + number(3) }, () => failure(number))
}

function failuresAndLies(number: Draw, seen: readonly TargetFile[]): Fault[] {
  const lies = Array.from({ length: 1 + number(2) }, () => lie(number, seen))
  return number(3) === 0 ? [...lies, failure(number)] : lies
}

/** An error, a silence, or a call that is heard twice; one time, or at every call of its kind from the first on. */
function failure(number: Draw): Fault {
  const verb = verbs[number(verbs.length)] ?? 'put'
  const at = moments[number(moments.length)] ?? 'before'
  const on = occasion(number)
  const effect = number(8)
  if (effect === 0 && (verb === 'put' || verb === 'delete')) return { verb, ...on, effect: 'twice' }
  if (effect === 1) return { verb, ...on, effect: 'hang', at }
  return { verb, ...on, effect: 'error', at, code: codes[number(codes.length)] ?? 'DestinationFailed' }
}

function lie(number: Draw, seen: readonly TargetFile[]): Fault {
  const share = number(1000) / 1000
  const nth = 1 + number(4)
  const on = occasion(number)
  const lies: Fault[] = [
    { verb: 'put', ...on, effect: 'truncate', keepShare: share },
    { verb: 'get', ...on, effect: 'truncate', keepShare: share },
    { verb: 'put', ...on, effect: 'wrong-byte', atShare: share },
    { verb: 'get', ...on, effect: 'wrong-byte', atShare: share },
    { verb: 'list', nth, effect: 'short-list', keepShare: share },
    { verb: 'list', nth, effect: 'stale-list', files: seen },
    { verb: 'list', nth, effect: 'twice' },
    { verb: 'get', ...on, effect: 'error', at: 'before', code: 'DestinationFileMissing' },
  ]
  return lies[number(lies.length)] ?? expect.fail('there is such a lie')
}

function occasion(number: Draw): { readonly nameHolds?: string; readonly nth?: number } {
  const nameHolds = kinds[number(kinds.length * 2)]
  const nth = number(10) === 0 ? undefined : 1 + number(6)
  return { ...(nameHolds === undefined ? {} : { nameHolds }), ...(nth === undefined ? {} : { nth }) }
}

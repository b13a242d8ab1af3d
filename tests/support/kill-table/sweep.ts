// The sweep: a run is done harm at one step after the other, and each time it is judged whether all promises held. Two
// steps at a time: a run in its own process, and the judging of another in this one.
import { errorCatalogue } from '../../../src/base/error-catalogue.ts'
import { runUnderShim, type EffectKind, type Harm, type ShimmedRun } from '../shim/run-under-shim.ts'
import { judgeDone, judgeFinished, judgeHarmed, newestTree, type Step } from './judge.ts'
import type { Operation } from './operations.ts'
import type { Scene } from './scene.ts'

export interface Fault {
  readonly name: string
  readonly harm: Pick<Harm, 'how' | 'errorNumber'>
  /** The calls that it can come to. */
  readonly kinds: readonly EffectKind[]
}

export const commits: readonly EffectKind[] = [
  'fsync',
  'link',
  'rename',
  'unlink',
  'truncate',
  'mkdir',
  'symlink',
]
export const writes: readonly EffectKind[] = ['write', 'create']
const EIO = 5
const ENOSPC = 28

export const faults: readonly Fault[] = [
  { name: 'killed', harm: { how: 'kill-before' }, kinds: [...commits, ...writes] },
  { name: 'EIO once', harm: { how: 'fail-once', errorNumber: EIO }, kinds: [...commits, ...writes] },
  {
    name: 'ENOSPC from then on',
    harm: { how: 'fail-from', errorNumber: ENOSPC },
    // A full disk still lets go.
    kinds: ['write', 'create', 'fsync', 'link', 'rename', 'mkdir', 'symlink'],
  },
]

export interface Sweep {
  readonly scene: Scene
  readonly operation: Operation
  readonly fault: Fault
}

export interface StepResult {
  readonly at: number
  /** What did not hold. */
  readonly findings: readonly string[]
}

const stepsAtOnce = 2

/** What an undisturbed run does to files. */
export async function stepsOf(scene: Scene, operation: Operation): Promise<EffectKind[]> {
  const place = scene.place(operation.from)
  try {
    const run = await runUnderShim(operation.args(scene, place), { folder: place.folder })
    if (run.exitCode !== 0) throw new Error(`${operation.name}, undisturbed: ${run.out}${run.err}`)
    return run.effects.map(({ kind }) => kind)
  } finally {
    place.remove()
  }
}

/** Does the harm at each of the steps, numbered from 1 among the calls of the kinds. */
export async function sweepSteps(
  sweep: Sweep,
  kinds: readonly EffectKind[],
  steps: Iterable<number>,
): Promise<StepResult[]> {
  const next = steps[Symbol.iterator]()
  const results: StepResult[] = []
  const lane = async (): Promise<void> => {
    for (let step = next.next(); !step.done; step = next.next()) {
      const at = step.value
      const findings = await oneStep(sweep, { ...sweep.fault.harm, at, kinds })
      results.push({ at, findings })
    }
  }
  await Promise.all(Array.from({ length: stepsAtOnce }, lane))
  return results.toSorted((a, b) => a.at - b.at)
}

async function oneStep({ scene, operation }: Sweep, harm: Harm): Promise<string[]> {
  const place = scene.place(operation.from)
  const step: Step = { scene, operation, place }
  try {
    const args = operation.args(scene, place)
    const run = await runUnderShim(args, { folder: place.folder, harm })
    const findings = [...endedWrong(run, harm), ...(await judgeHarmed(step))]
    // Whoever says that it is done must have done it.
    if (run.exitCode !== undefined && run.exitCode < 3) findings.push(...(await judgeDone(step)))
    place.age()
    for (const next of nextRuns(step, harm.at)) {
      const { exitCode, text } = await scene.run(next)
      const isDone = 'purged' in operation.makes && text.includes('ErrorID: NothingMatches')
      if (exitCode > 2 && !isDone)
        findings.push(`${next[0]}, as the next run, ends with ${exitCode}: ${text}`)
    }
    findings.push(...(await judgeFinished(step)))
    return findings.map(
      (finding) => `${operation.name}, ${harm.how} at ${harm.at}, ${lastOf(run)}: ${finding}`,
    )
  } finally {
    place.remove()
  }
}

/** The same once more; where versions stay as they are, every other time a backup comes before it. */
function nextRuns(step: Step, at: number): string[][] {
  const { scene, operation, place } = step
  const again = operation.args(scene, place)
  const isBackupFirst = 'gone' in operation.makes && at % 2 === 0
  return isBackupFirst ? [scene.backupArgs(place, newestTree(step)), again] : [again]
}

/** The call that the harm came to, or the last one before it. */
function lastOf({ effects }: ShimmedRun): string {
  const last = effects.at(-1)
  return last ? `${last.kind} ${last.path.split('/').slice(-2).join('/')}` : 'nothing done'
}

/** A run that is not killed ends by itself, and tells of a failure in words of the catalogue. */
function endedWrong({ exitCode, hung, err, out }: ShimmedRun, harm: Harm): string[] {
  if (hung) return ['it did not end']
  if (exitCode === undefined) return harm.how.startsWith('kill') ? [] : [`it died: ${err}`]
  if (exitCode < 3) return []
  const text = out + err
  const code = /^ErrorID: (\w+)$/m.exec(text)?.[1]
  const told = exitCode === 3 || (exitCode === 100 && code !== undefined && code in errorCatalogue)
  return told && !/\n\s+at .*:\d+/.test(text) ? [] : [`it ended with ${exitCode}: ${text}`]
}

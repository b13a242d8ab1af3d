// What the figures must be. Most bars compare two programs, or two sizes of the same tree, inside one run, because
// machines differ and are noisy; only memory and one rebuild have figures of their own.
import type { DataSet } from './data-sets.ts'
import { steps, type Step } from './peers.ts'
import type { Row } from './run-row.ts'

interface SpeedBar {
  readonly data: DataSet
  readonly source: string
  readonly step: Step
  /** Wall seconds of restic for each of ours, at the least. */
  readonly timesAsFast: number
}

const speedBars: readonly SpeedBar[] = [
  { data: 'small', source: 'rtt20', step: 'first', timesAsFast: 15 },
  { data: 'small', source: 'rtt20', step: 'unchanged', timesAsFast: 15 },
  { data: 'small', source: 'local', step: 'first', timesAsFast: 1 },
  { data: 'small', source: 'local', step: 'unchanged', timesAsFast: 1 },
  { data: 'small', source: 'local', step: 'restore', timesAsFast: 1 },
  { data: 'tree', source: 'local', step: 'first', timesAsFast: 1 },
  { data: 'tree', source: 'local', step: 'unchanged', timesAsFast: 1 },
  { data: 'tree', source: 'local', step: 'restore', timesAsFast: 1 },
  // Deflate, which the format asks for, is slower than zstd; and every volume is read back before it is sent.
  { data: 'big', source: 'local', step: 'first', timesAsFast: 1 / 1.5 },
  { data: 'big', source: 'local', step: 'unchanged', timesAsFast: 1 },
  { data: 'big', source: 'local', step: 'restore', timesAsFast: 1 / 1.5 },
]

const peakLimitMib = 300
/** Of trees of very many files: the directory of a volume and the pages of the index grow with them, to a limit. */
const manyFilesPeakLimitMib = 400
const sizesOfOneTree: readonly DataSet[] = ['10k', '100k', '1m']
/** A million files may cost this much more each than ten thousand. */
const flatWithin = 1.5
const flatSteps: readonly Step[] = ['first', 'unchanged', 'rebuild', 'list']
/** Of 100,000 files in a thousand volumes. */
const rebuildLimitSeconds = 30

export interface Verdict {
  readonly bar: string
  readonly passed: boolean
  readonly found: string
}

/** Judges every bar whose figures are there. Small samples of data only measure how fast a program starts. */
export function judge(rows: readonly Row[], scale: number): readonly Verdict[] {
  const ours = rows.filter((row) => row.peer === 'ours')
  return [
    ...ours.map(judgeResult),
    ...ours.flatMap(judgePeak),
    ...(scale < 1 ? [] : speedBars.flatMap((bar) => judgeSpeed(bar, rows))),
    ...(scale < 1 ? [] : ours.flatMap((row) => [...judgeFlat(row, ours), ...judgeRebuild(row)])),
  ]
}

/** How many times as fast as restic one of our steps was; undefined where one of the two has no figure. */
export function timesAsFast(
  rows: readonly Row[],
  { data, source, step }: Omit<SpeedBar, 'timesAsFast'>,
): number | undefined {
  const seconds = (peer: Row['peer']): number | undefined =>
    rows.find((row) => row.data === data && row.source === source && row.peer === peer)?.costs[step]
      ?.wallSeconds
  const [restic, ours] = [seconds('restic'), seconds('ours')]
  return restic === undefined || ours === undefined ? undefined : restic / ours
}

function judgeResult(row: Row): Verdict {
  return {
    bar: `${row.data} from ${row.source}: every step ends well, and what comes back is the same byte for byte`,
    passed: row.failure === undefined,
    found: row.failure ?? 'it is',
  }
}

function judgePeak(row: Row): Verdict[] {
  const peakMib = Math.max(0, ...steps.map((step) => row.costs[step]?.peakMib ?? 0))
  if (peakMib === 0) return []
  const limitMib = sizesOfOneTree.includes(row.data) ? manyFilesPeakLimitMib : peakLimitMib
  return [
    {
      bar: `${row.data} from ${row.source}: memory stays below ${limitMib} MiB`,
      passed: peakMib < limitMib,
      found: `${Math.ceil(peakMib)} MiB`,
    },
  ]
}

function judgeSpeed(bar: SpeedBar, rows: readonly Row[]): Verdict[] {
  const times = timesAsFast(rows, bar)
  if (times === undefined) return []
  const wanted =
    bar.timesAsFast >= 1
      ? `at least ${bar.timesAsFast} times as fast as restic`
      : `within ${(1 / bar.timesAsFast).toFixed(1)} times the time of restic`
  return [
    {
      bar: `${bar.data} from ${bar.source}, ${bar.step}: ${wanted}`,
      passed: times >= bar.timesAsFast,
      found: times >= 1 ? `${times.toFixed(1)} times as fast` : `${(1 / times).toFixed(2)} times the time`,
    },
  ]
}

/** The cost of a file in a larger tree against that in the smallest of the same kind and source. */
function judgeFlat(row: Row, ours: readonly Row[]): Verdict[] {
  const sizes = ours
    .filter(({ data, source }) => sizesOfOneTree.includes(data) && source === row.source)
    .toSorted((a, b) => a.files - b.files)
  const [smallest] = sizes
  if (!smallest || smallest === row || !sizes.includes(row)) return []
  return flatSteps.flatMap((step) => {
    const [small, large] = [secondsPerFile(smallest, step), secondsPerFile(row, step)]
    if (small === undefined || large === undefined) return []
    const wanted = `within ${flatWithin} times the seconds a file of ${smallest.data}`
    const bar = `${row.data} from ${row.source}, ${step}: ${wanted}`
    return [{ bar, passed: large <= flatWithin * small, found: `${(large / small).toFixed(2)} times` }]
  })
}

export function secondsPerFile(row: Row, step: Step): number | undefined {
  const cost = row.costs[step]
  return cost && cost.wallSeconds / row.files
}

function judgeRebuild({ data, source, costs }: Row): Verdict[] {
  if (data !== 'volumes' || !costs.rebuild) return []
  const { wallSeconds } = costs.rebuild
  return [
    {
      bar: `${data} from ${source}, rebuild: below ${rebuildLimitSeconds} seconds`,
      passed: wallSeconds < rebuildLimitSeconds,
      found: `${wallSeconds.toFixed(1)} seconds`,
    },
  ]
}

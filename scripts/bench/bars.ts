// What the figures must be. A bar compares two programs inside one run, because machines differ and are noisy; the one
// bar in figures of its own is the memory.
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
  { data: 'small', source: 'local', step: 'first', timesAsFast: 0.5 },
  { data: 'small', source: 'local', step: 'unchanged', timesAsFast: 0.5 },
  { data: 'tree', source: 'local', step: 'first', timesAsFast: 0.5 },
  { data: 'tree', source: 'local', step: 'unchanged', timesAsFast: 0.5 },
]
const peakLimitMib = 300

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
  return [
    {
      bar: `${row.data} from ${row.source}: memory stays below ${peakLimitMib} MiB`,
      passed: peakMib < peakLimitMib,
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
      : `within ${1 / bar.timesAsFast} times the time of restic`
  return [
    {
      bar: `${bar.data} from ${bar.source}, ${bar.step}: ${wanted}`,
      passed: times >= bar.timesAsFast,
      found: times >= 1 ? `${times.toFixed(1)} times as fast` : `${(1 / times).toFixed(2)} times the time`,
    },
  ]
}

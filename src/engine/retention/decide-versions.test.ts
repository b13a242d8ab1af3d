import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideVersions, type Verdict, type VersionFacts } from './decide-versions.ts'
import { retentionRules, type RetentionOptions } from './retention-rules.ts'
import { periodOf, type TimeSpan } from './time-span.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const fiveMinutesMs = 300_000
const smart = '1W:1D,4W:1W,12M:1M'
const startMs = Date.UTC(2026, 0, 1, 13)
const none: RetentionOptions = { keepVersions: undefined, keepTime: undefined, retentionPolicy: undefined }

interface Setting {
  readonly timeZone?: string
  readonly nowMs?: number
  readonly named?: readonly number[]
}

function decide(
  versions: readonly VersionFacts[],
  options: Partial<RetentionOptions>,
  how: Setting = {},
): Verdict[] {
  const newestMs = Math.max(...versions.map((one) => one.timeMs))
  const { timeZone = 'UTC', nowMs = newestMs + fiveMinutesMs, named = [] } = how
  const rules = retentionRules({ ...none, ...options })
  return decideVersions(versions, { rules, named: new Set(named), nowMs, timeZone })
}

function keptTimes(verdicts: readonly Verdict[]): number[] {
  return verdicts.filter((one) => one.keep).map((one) => one.timeMs)
}

function full(timesMs: readonly number[]): VersionFacts[] {
  return timesMs.map((timeMs) => ({ timeMs, isFull: true, isPinned: false }))
}

/** As a user has it: after each run the rules are applied to what the last run left. Newest first. */
function afterEachRun(timesMs: readonly number[], retentionPolicy: string, timeZone = 'UTC'): number[] {
  let kept: number[] = []
  for (const timeMs of timesMs) {
    kept = keptTimes(decide(full([timeMs, ...kept]), { retentionPolicy }, { timeZone }))
  }
  return kept
}

function daily(days: number, fromMs = startMs): number[] {
  return Array.from({ length: days + 1 }, (_, day) => fromMs + day * dayMs)
}

function ages(keptMs: readonly number[]): number[] {
  return keptMs.map((timeMs) => Math.round(((keptMs[0] ?? 0) - timeMs) / dayMs))
}

/** A run a day, up to half an hour early or late, some days without any. */
const jitteredRuns = fc
  .record({
    fromMs: fc.constantFrom(startMs, Date.UTC(2026, 0, 1), Date.UTC(2026, 2, 20, 1, 30)),
    days: fc.array(fc.record({ jitterMs: fc.integer({ min: -1800, max: 1800 }), isMissed: fc.nat(9) }), {
      minLength: 30,
      maxLength: 150,
    }),
  })
  .map(({ fromMs, days }) =>
    days.flatMap(({ jitterMs, isMissed }, day) =>
      isMissed === 0 ? [] : [fromMs + day * dayMs + jitterMs * 1000],
    ),
  )
  .filter((times) => times.length > 0)
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu')
const anyVersions = fc.uniqueArray(
  fc.record({
    timeMs: fc.integer({ min: 0, max: 24 * 400 }).map((hours) => startMs + hours * hourMs),
    isFull: fc.boolean(),
    isPinned: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  }),
  { selector: (one) => one.timeMs, minLength: 1, maxLength: 40 },
)
const anyOptions = fc.record({
  keepVersions: fc.constantFrom(undefined, 1, 3, 7),
  keepTime: fc.constantFrom(undefined, '3D', '1M', '1Y'),
  retentionPolicy: fc.constantFrom(undefined, smart, '1D:0s,3D:1D', 'U:1M', '2W:6h', '1M:1Y'),
})

describe('a policy for daily runs at 13:00, thinned after each', () => {
  // What 1W:1D,4W:1W,12M:1M leaves, by age in days: each of the last seven days, the first version of each week and
  // of each month. 2026-01-01 is a Thursday.
  it.each([
    [8, [0, 1, 2, 3, 4, 5, 6, 7, 8]],
    [14, [0, 1, 2, 3, 4, 5, 6, 7, 10, 14]],
    [28, [0, 1, 2, 3, 4, 5, 6, 7, 10, 17, 24, 28]],
    [61, [0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 22, 29, 30, 61]],
    [121, [0, 1, 2, 3, 4, 5, 6, 7, 12, 19, 26, 31, 33, 62, 90, 121]],
    [
      500,
      [0, 1, 2, 3, 4, 5, 6, 7, 13, 15, 20, 27, 34, 45, 76, 104, 135, 166, 196, 227, 257, 288, 319, 349, 380],
    ],
  ])('keeps the days, weeks and months that it names after %i days', (days, expected) => {
    expect(ages(afterEachRun(daily(days), smart))).toEqual(expected)
  })

  it('keeps the same when 45 versions are thinned in one pass', () => {
    const kept = keptTimes(decide(full(daily(44)), { retentionPolicy: smart }))
    expect(ages(kept)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 19, 26, 33, 44])
    expect(kept).toEqual(afterEachRun(daily(44), smart))
  })

  it('keeps all of today and yesterday, and a version a day before, with 1D:0s,3D:1D and a run every 6 h', () => {
    const times = Array.from({ length: 41 }, (_, at) => Date.UTC(2026, 0, 1, 12) + at * 6 * hourMs)
    const kept = afterEachRun(times, '1D:0s,3D:1D').map((timeMs) =>
      new Date(timeMs).toISOString().slice(8, 13),
    )
    expect(kept).toEqual(['11T12', '11T06', '11T00', '10T18', '10T12', '10T00', '09T00', '08T00'])
  })

  it('loses no day to runs that start seconds early', () => {
    const times = daily(30).map((timeMs, day) => timeMs - (day % 3) * 10_000)
    expect(ages(afterEachRun(times, '1W:1D,4W:1W')).slice(0, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('loses no run of a schedule at midnight, where one day has two and the next none', () => {
    const times = daily(40, Date.UTC(2026, 0, 1)).map((timeMs, day) => timeMs + (day % 2 ? -5 : 5) * 60_000)
    expect(afterEachRun(times, '60W:1D')).toEqual(times.toReversed())
  })
})

describe('a policy, whatever the runs', () => {
  it('has a version of every day, week and month that had one, as long as their frame lasts', () => {
    const frames: [number, TimeSpan][] = [
      [7 * dayMs, { text: '1D', unit: 'day', count: 1 }],
      [28 * dayMs, { text: '1W', unit: 'day', count: 7 }],
      [360 * dayMs, { text: '1M', unit: 'month', count: 1 }],
    ]
    fc.assert(
      fc.property(jitteredRuns, zones, (times, zone) => {
        const kept = afterEachRun(times, smart, zone)
        const nowMs = (times.at(-1) ?? 0) + fiveMinutesMs
        for (const [lengthMs, span] of frames) {
          const periods = (of: readonly number[]): Set<number> =>
            new Set(
              of
                .filter((timeMs) => timeMs > nowMs - lengthMs)
                .map((timeMs) => periodOf(timeMs, span, zone).startMs),
            )
          const missing = periods(times).difference(
            new Set(kept.map((timeMs) => periodOf(timeMs, span, zone).startMs)),
          )
          expect([...missing]).toEqual([])
        }
      }),
      { numRuns: 40 },
    )
  })

  it('leaves the same whether it is applied after each run or once at the end', () => {
    fc.assert(
      fc.property(jitteredRuns, zones, (times, zone) => {
        const atOnce = keptTimes(decide(full(times), { retentionPolicy: smart }, { timeZone: zone }))
        expect(afterEachRun(times, smart, zone)).toEqual(atOnce)
      }),
      { numRuns: 40 },
    )
  })

  it('leaves no gap longer than a day and its tolerance between daily runs', () => {
    const steady = fc.array(fc.integer({ min: -1800, max: 1800 }), { minLength: 10, maxLength: 80 })
    fc.assert(
      fc.property(steady, zones, fc.nat(23), (jitters, zone, hour) => {
        const times = jitters.map((late, day) => startMs + day * dayMs + hour * hourMs + late * 1000)
        const kept = keptTimes(decide(full(times), { retentionPolicy: '1Y:1D' }, { timeZone: zone }))
        const gaps = kept.slice(1).map((timeMs, at) => (kept[at] ?? 0) - timeMs)
        expect(Math.max(...gaps)).toBeLessThanOrEqual(27 * hourMs)
      }),
      { numRuns: 40 },
    )
  })

  it('keeps one of each day also on the days of 23 and of 25 hours', () => {
    for (const springMs of [Date.UTC(2026, 2, 25, 0, 30), Date.UTC(2026, 9, 21, 0, 30)]) {
      const times = Array.from({ length: 24 * 8 }, (_, hour) => springMs + hour * hourMs)
      const kept = afterEachRun(times, '2W:1D', 'Europe/Berlin')
      const daysOf = (of: readonly number[]): Set<string> =>
        new Set(of.map((timeMs) => new Date(timeMs).toLocaleDateString('en', { timeZone: 'Europe/Berlin' })))
      expect(daysOf(kept)).toEqual(daysOf(times))
      // The newest may lie beside the first of its day.
      expect(kept.length - daysOf(kept).size).toBeLessThanOrEqual(1)
    }
  })
})

describe('the decision', () => {
  it('keeps the newest, the newest full and pinned versions whatever the rules', () => {
    fc.assert(
      fc.property(anyVersions, anyOptions, fc.nat(800), (versions, options, days) => {
        const newestFirst = versions.toSorted((a, b) => b.timeMs - a.timeMs)
        const nowMs = (newestFirst[0]?.timeMs ?? 0) + days * dayMs
        const verdicts = decide(versions, options, { nowMs })
        const kept = new Set(keptTimes(verdicts))
        const lastFull = newestFirst.find((one) => one.isFull)
        const pinned = newestFirst.filter((one) => one.isPinned)
        for (const one of [newestFirst[0], lastFull, ...pinned]) if (one) expect(kept).toContain(one.timeMs)
      }),
      { numRuns: 300 },
    )
  })

  it('is the same for the same versions in any order, gives reasons, and finds no more to delete a second time', () => {
    fc.assert(
      fc.property(anyVersions, anyOptions, zones, (versions, options, timeZone) => {
        const nowMs = Math.max(...versions.map((one) => one.timeMs)) + fiveMinutesMs
        const verdicts = decide(versions, options, { nowMs, timeZone })
        expect(decide(versions.toReversed(), options, { nowMs, timeZone })).toEqual(verdicts)
        expect(verdicts.every((one) => one.reasons.length > 0)).toBe(true)
        const kept = verdicts.filter((one) => one.keep)
        expect(keptTimes(decide(kept, options, { nowMs, timeZone }))).toEqual(keptTimes(kept))
      }),
      { numRuns: 300 },
    )
  })

  it('never takes back a deletion as time goes on', () => {
    // Versions are counted when the policy has thinned them: as it thins more, one that is gone would have a place.
    const uncounted = anyOptions.filter((one) => !(one.keepVersions && one.retentionPolicy))
    fc.assert(
      fc.property(anyVersions, uncounted, fc.nat(400), (versions, options, days) => {
        const nowMs = Math.max(...versions.map((one) => one.timeMs)) + fiveMinutesMs
        const now = new Set(keptTimes(decide(versions, options, { nowMs })))
        const later = keptTimes(decide(versions, options, { nowMs: nowMs + days * dayMs }))
        expect(later.filter((timeMs) => !now.has(timeMs))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('gives every version its reasons', () => {
    const at = (day: number, facts: Partial<VersionFacts> = {}): VersionFacts => ({
      timeMs: startMs + day * dayMs,
      isFull: true,
      isPinned: false,
      ...facts,
    })
    const versions = [at(0), at(1, { isPinned: true }), at(30), at(30.1), at(31, { isFull: false }), at(32)]
    const verdicts = decide(versions, { retentionPolicy: '1W:1D', keepTime: '20D' })
    expect(verdicts.map(({ reasons }) => reasons.map(({ why }) => why))).toEqual([
      ['newest', 'keep-time', 'first-of-period'],
      ['keep-time', 'partial-in-frame'],
      ['period-has-one'],
      ['keep-time', 'first-of-period'],
      ['pinned'],
      ['keep-time', 'outside-frames'],
    ])
    expect(verdicts[2]?.reasons[0]).toMatchObject({
      frame: '1W:1D',
      period: { unit: 'day', count: 1, startMs: Date.UTC(2026, 0, 31) },
      keptMs: startMs + 30 * dayMs,
    })
  })

  it('counts full versions only, after the other rules, and keeps what is newer than the newest full one', () => {
    const times = daily(6)
    const versions = times.map((timeMs, day) => ({ timeMs, isFull: ![3, 6].includes(day), isPinned: false }))
    const kept = keptTimes(decide(versions, { keepVersions: 3 }))
    expect(ages(kept)).toEqual([0, 1, 2, 4])
    expect(ages(keptTimes(decide(versions, { keepVersions: 3, keepTime: '2D' })))).toEqual([0, 1, 2])
  })

  it('counts months of the calendar for keep-time and forgives a run that starts early', () => {
    const march = Date.UTC(2026, 2, 31, 13)
    const versions = full([Date.UTC(2026, 1, 28, 12, 30), Date.UTC(2026, 1, 28, 11), march])
    expect(keptTimes(decide(versions, { keepTime: '1M' }, { nowMs: march }))).toEqual([
      march,
      Date.UTC(2026, 1, 28, 12, 30),
    ])
  })
})

describe('the options', () => {
  it.each(['1W', '1W:1D:1D', '1W:', 'x:1D', '0s:1D', '1W:1D,7D:1W', '1W:-1D', '-1W:1D', ''])(
    'refuse the policy "%s"',
    (retentionPolicy) => {
      expect(() => retentionRules({ ...none, retentionPolicy })).toThrow(/--retention-policy/)
    },
  )

  it('ask for nothing when they are off', () => {
    expect(retentionRules(none)).toBeUndefined()
    expect(retentionRules({ ...none, keepVersions: 0 })).toBeUndefined()
  })

  it('know months from minutes, and add parts up', () => {
    const policy = retentionRules({ ...none, retentionPolicy: 'U:1Y6M,2D12h:30m, 36h:U' })
    expect(policy?.frames).toEqual([
      { text: '36h:U', length: { text: '36h', unit: 'ms', count: 36 * hourMs }, interval: undefined },
      {
        text: '2D12h:30m',
        length: { text: '2D12h', unit: 'ms', count: 60 * hourMs },
        interval: { text: '30m', unit: 'ms', count: hourMs / 2 },
      },
      { text: 'U:1Y6M', length: undefined, interval: { text: '1Y6M', unit: 'month', count: 18 } },
    ])
  })
})

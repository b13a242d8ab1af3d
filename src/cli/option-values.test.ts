import { describe, expect, it } from 'vitest'
import { parseDuration, parseFlag, parseSize, parseTime, parseVersions, parseWhole } from './option-values.ts'

const nowMs = Date.UTC(2026, 10, 22, 12)
const bad = expect.objectContaining({ code: 'BadOption' }) as Error

describe('sizes', () => {
  it.each([
    ['50mb', 50 * 2 ** 20],
    ['50', 50 * 2 ** 20],
    ['1 KiB', 1024],
    ['2GB', 2 * 2 ** 30],
    ['7b', 7],
    ['1tb', 2 ** 40],
  ])('%s', (text, bytes) => {
    expect(parseSize('dblock-size', text, 'mb')).toBe(bytes)
  })

  it.each(['', 'mb', '1.5mb', '-1mb', '1xb', '1mbx', '999999999999tb'])('"%s" is none', (text) => {
    expect(() => parseSize('dblock-size', text, 'mb')).toThrow(bad)
  })
})

describe('versions', () => {
  it('are numbers and ranges, each once', () => {
    expect(parseVersions('version', '0,2-4, 3')).toEqual([0, 2, 3, 4])
  })

  it.each(['', '-1', '4-2', 'a', '1,,2'])('"%s" are none', (text) => {
    expect(() => parseVersions('version', text)).toThrow(bad)
  })
})

describe('times', () => {
  it.each([
    ['now', nowMs],
    ['20261122T100000Z', nowMs - 2 * 3_600_000],
    ['2026-11-22T10:00:00Z', nowMs - 2 * 3_600_000],
    ['2026-11-22 10:00+01:00', nowMs - 3 * 3_600_000],
    ['3D', nowMs - 3 * 86_400_000],
    ['1W12h30m5s', nowMs - (7 * 86_400 + 12 * 3600 + 1805) * 1000],
  ])('%s', (text, ms) => {
    expect(parseTime('time', text, nowMs)).toBe(ms)
  })

  it('without a zone is that of this machine', () => {
    expect(parseTime('time', '2026-11-22T10:00', nowMs)).toBe(new Date(2026, 10, 22, 10).getTime())
    expect(parseTime('time', '2026-11-22', nowMs)).toBe(new Date(2026, 10, 22).getTime())
  })

  it('count months and years back in the calendar', () => {
    const endOfMay = new Date(2026, 4, 31, 12).getTime()
    expect(parseTime('time', '3M', endOfMay)).toBe(new Date(2026, 1, 28, 12).getTime())
    expect(parseTime('time', '1Y1M1D', endOfMay)).toBe(new Date(2025, 3, 29, 12).getTime())
    expect(parseTime('time', '1D-1h', nowMs)).toBe(nowMs - 23 * 3_600_000)
  })

  it.each(['', 'yesterday', '3', '3d', '2026-13-01', '2026-02-30', '20261301T000000Z'])(
    '"%s" is none',
    (text) => {
      expect(() => parseTime('time', text, nowMs)).toThrow(bad)
    },
  )
})

describe('lengths of time', () => {
  it.each([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['5', 5000],
    ['0', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration('retry-delay', text, 3_600_000)).toBe(ms)
  })

  it.each(['', 'soon', '-1s', '1.5s', '1s2', '2h', '1M'])('%j is refused', (text) => {
    expect(() => parseDuration('retry-delay', text, 3_600_000)).toThrow(bad)
  })
})

describe('numbers and flags', () => {
  it('stay within their range', () => {
    expect(parseWhole('zip-compression-level', '9', { min: 0, max: 9 })).toBe(9)
    expect(() => parseWhole('zip-compression-level', '10', { min: 0, max: 9 })).toThrow(bad)
    expect(() => parseWhole('zip-compression-level', 'x', { min: 0, max: 9 })).toThrow(bad)
  })

  it('are on or off in any of the usual words', () => {
    expect(['1', 'on', 'TRUE', 'yes', ''].map((text) => parseFlag('f', text))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
    expect(['0', 'off', 'False', 'no'].map((text) => parseFlag('f', text))).toEqual([
      false,
      false,
      false,
      false,
    ])
    expect(() => parseFlag('f', 'maybe')).toThrow(bad)
  })
})

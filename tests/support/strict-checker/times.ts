// The two clocks of the format: whole UTC seconds as `yyyyMMddTHHmmssZ`, and .NET ticks, 100 ns units since the year 1.

const SECONDS_FROM_YEAR_1_TO_1970 = 62_135_596_800
const TICKS_PER_SECOND = 10_000_000n
/** 9999-12-31T23:59:59.9999999Z, the last moment a four-digit year can name. */
const LAST_TICK = 3_155_378_975_999_999_999n

/** Milliseconds since 1970 of `yyyyMMddTHHmmssZ`; undefined for any other text and for days no calendar has. */
export function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const timeMs = Date.parse(iso)
  return Number.isNaN(timeMs) || new Date(timeMs).toISOString() !== iso ? undefined : timeMs
}

/** Whole seconds since 1970, rounded down, of a decimal count of ticks; undefined if it is not one. */
export function secondsOfTicks(text: string): number | undefined {
  if (!/^(0|[1-9]\d{0,18})$/.test(text)) return undefined
  const ticks = BigInt(text)
  return ticks > LAST_TICK ? undefined : Number(ticks / TICKS_PER_SECOND) - SECONDS_FROM_YEAR_1_TO_1970
}

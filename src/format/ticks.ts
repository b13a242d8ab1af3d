// Times as metadata holds them: .NET ticks of 100 nanoseconds since the year 1, UTC. Beyond 2^53, so BigInt.

const nsPerTick = 100n
// 1970-01-01 in ticks.
const unixEpochTicks = 621_355_968_000_000_000n
// The last tick of the year 9999, where .NET ends.
const lastTick = 3_155_378_975_999_999_999n

/** The tick that a moment falls in. What lies outside the years 1 to 9999 becomes the first or last tick of them. */
export function ticksFromNs(ns: bigint): bigint {
  const ticks = floorDivide(ns, nsPerTick) + unixEpochTicks
  if (ticks < 0n) return 0n
  return ticks > lastTick ? lastTick : ticks
}

/** Nanoseconds since 1970 at the beginning of a tick. */
export function nsFromTicks(ticks: bigint): bigint {
  return (ticks - unixEpochTicks) * nsPerTick
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient
}

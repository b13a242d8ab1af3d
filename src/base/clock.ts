// The only place that reads a clock. Everything else is handed a `Clock`, so that tests decide what time it is.

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  nowMs(): number
  /** Milliseconds from an arbitrary start, never going back: for durations. */
  monotonicMs(): number
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

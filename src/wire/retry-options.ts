// How often and how fast a destination is tried again, in Duplicati's words: `number-of-retries` and `retry-delay`.
import { parseDuration, parseWhole } from '../cli/option-values.ts'
import type { AddressOptions } from '../usecases/world.ts'

/** Above this the time limit ends a call anyway. */
const mostRetries = 1000
const longestDelayMs = 24 * 3_600_000

/** What is not given is left out. Fails with `BadOption`. */
export function retryOptions(options: AddressOptions): { retries?: number; firstWaitMs?: number } {
  const retries = options.get('number-of-retries')
  const delay = options.get('retry-delay')
  return {
    ...(retries === undefined
      ? {}
      : { retries: parseWhole('number-of-retries', retries, { min: 0, max: mostRetries }) }),
    ...(delay === undefined ? {} : { firstWaitMs: parseDuration('retry-delay', delay, longestDelayMs) }),
  }
}

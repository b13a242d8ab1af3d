// The one family of operating errors. An error is a value: code, kind, whether to try again, what happened to what,
// what that means for the data, what to do next, and the cause below. Programmer errors are assertions, not these.
import { errorCatalogue, type ErrorCode, type ErrorKind, type Retry } from './error-catalogue.ts'

interface ErrorDetails {
  /** What happened, a sentence without its full stop: "the folder /srv does not exist". */
  readonly what: string
  /** The path, volume, host or option it happened to. */
  readonly subject?: string
  /** The error of the layer below; wrapped, never parsed or dropped. */
  readonly cause?: unknown
  /** Replaces the catalogue's sentence on the data where the place knows better. */
  readonly meaning?: string
  /** Replaces the catalogue's next step where the place knows better. */
  readonly advice?: string
}

export class PullbackError extends Error {
  override readonly name = 'PullbackError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly retry: Retry
  readonly what: string
  readonly subject: string | undefined
  readonly meaning: string
  readonly advice: string

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.what, details.cause === undefined ? undefined : { cause: details.cause })
    const entry = errorCatalogue[code]
    this.code = code
    this.kind = entry.kind
    this.retry = entry.retry
    this.what = details.what
    this.subject = details.subject
    this.meaning = details.meaning ?? entry.meaning
    this.advice = details.advice ?? entry.advice
  }
}

/** True for an operating error, of the given codes if any are named. */
export function isPullbackError(error: unknown, ...codes: ErrorCode[]): error is PullbackError {
  return error instanceof PullbackError && (codes.length === 0 || codes.includes(error.code))
}

/** The same error where it means something else for the data than it usually does. */
export function meaningHere(error: PullbackError, meaning: string): PullbackError {
  const { code, what, subject, cause, advice } = error
  return new PullbackError(code, {
    what,
    meaning,
    advice,
    cause,
    ...(subject === undefined ? {} : { subject }),
  })
}

/** The `code` of an error of Node or the operating system (`ENOENT`, `ENOSPC`…), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error === null || typeof error !== 'object' || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The message of anything that was thrown, for a sentence; never the stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Anything that was thrown, as an error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}

// Errors on their way between threads: structured clone keeps neither the class nor the fields of an error, so it
// crosses as plain data and becomes an error of the same kind on the other side.
import type { ErrorCode } from './error-catalogue.ts'
import { isPullbackError, messageOf, PullbackError } from './errors.ts'

export interface PackedError {
  /** Undefined: not an operating error but a bug. */
  readonly code: ErrorCode | undefined
  readonly what: string
  readonly subject: string | undefined
  readonly meaning: string
  readonly advice: string
  readonly causeText: string | undefined
  readonly stack: string | undefined
}

export function packError(error: unknown): PackedError {
  if (isPullbackError(error)) {
    const { code, what, subject, meaning, advice, stack } = error
    const causeText = error.cause === undefined ? undefined : messageOf(error.cause)
    return { code, what, subject, meaning, advice, causeText, stack }
  }
  const stack = error instanceof Error ? error.stack : undefined
  const nothing = { code: undefined, subject: undefined, meaning: '', advice: '', causeText: undefined }
  return { ...nothing, what: messageOf(error), stack }
}

export function unpackError(packed: PackedError): Error {
  const { code, what, subject, meaning, advice, causeText } = packed
  if (code === undefined) return new Error(what, { cause: packed.stack })
  return new PullbackError(code, {
    what,
    meaning,
    advice,
    ...(subject === undefined ? {} : { subject }),
    ...(causeText === undefined ? {} : { cause: new Error(causeText) }),
  })
}

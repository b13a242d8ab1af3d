// The one JSON object of `--json`: the report of a run or its error, with stable names. Errors are plain fields.
import { isPullbackError, messageOf, type PullbackError } from '../base/errors.ts'
import { outcomes, type OutcomeName } from './exit-code.ts'

export interface JsonResult {
  /** Left out when the command line could not be read. */
  readonly command?: string
  readonly outcome: OutcomeName
  readonly report?: unknown
  /** An operating error, or anything else for a fault of Pullback. */
  readonly error?: unknown
}

export function jsonText(result: JsonResult): string {
  const { command, outcome, report, error } = result
  const { exitCode } = outcomes[outcome]
  const fault = error === undefined || isPullbackError(error) ? error : { what: messageOf(error) }
  const fields = { command, outcome, exitCode, report, error: fault }
  return jsonLine(fields)
}

/** One object on one line, errors in it as plain fields. */
export function jsonLine(fields: object): string {
  return `${JSON.stringify(fields, (_key, value: unknown) => (isPullbackError(value) ? errorFields(value) : value))}\n`
}

function errorFields(error: PullbackError): object {
  const { code, kind, retry, what, subject, meaning, advice } = error
  const cause = error.cause === undefined ? undefined : messageOf(error.cause)
  return { code, kind, retry, what, subject, meaning, advice, cause }
}

// An error in sentences: what happened, what it means for the data, what to do next.
import { errorCatalogue } from '../base/error-catalogue.ts'
import { messageOf, type PullbackError } from '../base/errors.ts'
import { shown } from './shown.ts'

/** What happened, what it means, what to do: one sentence each. */
export function errorSentences(error: PullbackError): readonly [string, string, string] {
  return [sentence(shown(error.what)), shown(error.meaning), shown(error.advice)]
}

/** The same as one paragraph. */
export function errorText(error: PullbackError): string {
  return errorSentences(error).join(' ')
}

/** What happened to a path, and what that means, in one line that names the path once. */
export function troubleText(path: string, error: PullbackError): string {
  const [what, meaning] = errorSentences(error)
  const named = shown(path)
  return `${what.includes(named) ? what : `${named}: ${what}`} ${meaning}`
}

/** A gap as its version keeps it: what happened, and what to do where the catalogue still knows the code. */
export function storedGapText(gap: {
  readonly path: string
  readonly code: string
  readonly what: string
}): string {
  const known = Object.entries(errorCatalogue).find(([code]) => code === gap.code)?.[1]
  const what = shown(gap.what.includes(gap.path) ? gap.what : `${gap.path}: ${gap.what}`)
  return known ? `${sentence(what)} ${known.advice}` : sentence(what)
}

/** The lower layer's own words, where they say more than the sentence above them; undefined where not. */
export function causeText(error: PullbackError): string | undefined {
  if (error.cause === undefined) return undefined
  const text = shown(messageOf(error.cause))
  return shown(error.what).includes(text) ? undefined : text
}

function sentence(text: string): string {
  // A sentence that begins with a path or the name of a volume keeps it as it is.
  const first = /^[a-z]+[ ,']/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?]$/.test(first) ? first : `${first}.`
}

// Sorts what was typed into words and options, in Duplicati's grammar: `--name=value` with the name in any case, one
// pair of quotes around a value dropped, the last of several wins. `--name value` works too for options with a value.
// After `--` all words are as they are. Values are never part of an error: they may be secrets.
import { PullbackError } from '../base/errors.ts'
import { notYet } from './not-yet.ts'
import type { OptionRow } from './option-row.ts'
import { optionTable } from './option-table.ts'
import { parseFlag } from './option-values.ts'

export interface TypedWords {
  /** The command and its arguments. */
  readonly words: readonly string[]
  /** By the names of the table; for a flag that is on, the empty text. */
  readonly options: ReadonlyMap<string, string>
  /** Options of which each one counts, in order. */
  readonly repeated: readonly { readonly name: string; readonly value: string }[]
  /** Options the table does not have, without their values. */
  readonly unknown: readonly string[]
}

/** Fails with `BadOption`. */
export function sortWords(argv: readonly string[]): TypedWords {
  const words: string[] = []
  const unknown: string[] = []
  const options = new Map<string, string>()
  const repeated: { name: string; value: string }[] = []
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word)
      continue
    }
    const [, typed = word, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    const row = rowOf(typed.toLowerCase())
    if (!row) unknown.push(word.split('=', 1)[0]?.toLowerCase() ?? '')
    else if (row.kind === 'flag') setFlag(options, row, value)
    else {
      const given = valueFor(row, value ?? argv[at + 1], value === undefined)
      if (row.repeats) repeated.push({ name: row.name, value: given })
      else options.set(row.name, given)
      if (value === undefined) at += 1
    }
  }
  return { words, options, repeated, unknown }
}

function rowOf(name: string): OptionRow | undefined {
  if (notYet.has(name)) {
    throw new PullbackError('BadOption', { what: `--${name} is not supported yet`, subject: name })
  }
  return optionTable.find((row) => row.name === name || row.aliases?.includes(name))
}

function setFlag(options: Map<string, string>, row: OptionRow, value: string | undefined): void {
  if (value === undefined || parseFlag(row.name, unquoted(value))) options.set(row.name, '')
  else options.delete(row.name)
}

function valueFor(row: OptionRow, typed: string | undefined, isNextWord: boolean): string {
  // `--dbpath --dry-run` must not run for real with an index of that name.
  if (typed !== undefined && !(isNextWord && typed.startsWith('--'))) {
    const value = unquoted(typed)
    if (value !== '' || (row.mayBeEmpty && !isNextWord)) return value
  }
  throw new PullbackError('BadOption', {
    what: `--${row.name} needs a value`,
    subject: row.name,
    advice: `Write it as --${row.name}=VALUE.`,
  })
}

function unquoted(value: string): string {
  return /^".*"$/s.test(value) ? value.slice(1, -1) : value
}

// `--parameters-file`: a file of options, one a line, as they would stand on the command line, which wins. `+pattern`
// and `-pattern` stand for --include and --exclude. Empty lines and lines that begin with `#` are passed over. What a
// line holds is never part of an error: it may be a secret.
import { readFileSync } from 'node:fs'
import { messageOf, PullbackError } from '../base/errors.ts'

/** The words of the file. `BadOption` for a file that cannot be read, or a line that is no option. */
export function parametersIn(file: string): string[] {
  const lines = textOf(file).split(/\r?\n/)
  return lines.flatMap((line, at) => {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    // Trailing blanks may be part of a passphrase or a name.
    const word = line.trimStart()
    if (/^--[^-=\s]/.test(word)) return [word]
    const [, sign, pattern] = /^([+-])([^-].*)$/s.exec(word) ?? []
    if (pattern !== undefined) return [`--${sign === '+' ? 'include' : 'exclude'}=${pattern}`]
    throw new PullbackError('BadOption', {
      what: `line ${at + 1} of the parameters file ${file} is no option`,
      subject: file,
      advice: 'Each line is one option, --name=value, or a filter: +pattern or -pattern.',
    })
  })
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const what = `the parameters file ${file} cannot be read: ${messageOf(error)}`
    throw new PullbackError('BadOption', { what, subject: file, cause: error })
  }
}

// Writes docs/errors.md from the error catalogue: `npm run docs`. A test compares the two.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCatalogue, type ErrorKind, type Retry } from '../src/base/error-catalogue.ts'

const kinds: Readonly<Record<ErrorKind, string>> = {
  usage: 'The command, its options or its files cannot be used as given.',
  'source-entry': 'One file or folder could not be stored. It is listed with its reason and the run goes on.',
  'source-gone': 'A whole source is out of reach. No version is made from it.',
  destination: 'The destination refused or broke. This never counts against the source.',
  integrity: 'Bytes are not what they must be: a wrong key, a wrong hash, a wrong structure.',
  index: 'The local index, or the disk of the machine that Pullback runs on, cannot be used.',
  cancelled: 'Somebody asked to stop.',
}

const retries: Readonly<Record<Retry, string>> = {
  no: 'The same call fails again.',
  later: 'It may pass by itself.',
  'after-change': 'It helps once something was changed.',
}

/** The whole page. */
export function errorsPage(): string {
  const sections = Object.entries(kinds).map(([kind, sentence]) => {
    const entries = Object.entries(errorCatalogue).filter(([, entry]) => entry.kind === kind)
    return `## ${kind}\n\n${sentence}\n\n${entries.map(([code, entry]) => section(code, entry)).join('\n')}`
  })
  return `${head}\n${sections.join('\n')}`
}

const head = `# Errors

Every error that Pullback reports has one of these codes. Codes do not change from release to release, so scripts may
rely on them. An error says what happened and to what; this page adds what it means for your data, the next step, and
whether trying again can help. Where an error knows more than this page, its own sentences count.

This page is made from \`src/base/error-catalogue.ts\` by \`npm run docs\`.
`

interface Entry {
  readonly retry: Retry
  readonly meaning: string
  readonly advice: string
}

function section(code: string, { retry, meaning, advice }: Entry): string {
  return `### ${code}

- For the data: ${meaning}
- Next step: ${advice}
- Trying again: ${retries[retry]}
`
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/errors.md'), errorsPage())

// The backups of stock Duplicati that lie beside the project, and what to do when they do not.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const fixturesFolder = join(import.meta.dirname, '../../../shared/fixtures/duplicati-2.0.8.1')

export interface FixtureSet {
  readonly set: string
  /** The numbers of the expectations that its versions, oldest first, must meet. */
  readonly expected: readonly number[]
  readonly passphrase: string | undefined
}

export const fixtureSets: readonly FixtureSet[] = [
  { set: 'plain-small-blocks', expected: [1, 2, 3], passphrase: undefined },
  { set: 'no-index-files', expected: [1, 2], passphrase: undefined },
  { set: 'compacted', expected: [2, 3], passphrase: undefined },
  { set: 'aes-three-versions', expected: [1, 2, 3], passphrase: 'correct horse' },
]

/** True, and said aloud, when they are not there; an error where everything must run. */
export function fixturesMissing(): boolean {
  if (existsSync(fixturesFolder)) return false
  const reason = 'the backups of stock Duplicati are not beside the project (../shared/fixtures)'
  if (process.env['CI'] === 'true') throw new Error(reason)
  process.stderr.write(`\nSKIPPED: ${reason}\n`)
  return true
}

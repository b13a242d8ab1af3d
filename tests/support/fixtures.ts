// The backups of stock Duplicati that lie beside the project, and what to do when they do not.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { describeTree, type DescribedEntry } from './describe-tree.ts'

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

/** The folder holds exactly what was backed up as that version of the set. */
export function expectStockTree(folder: string, set: string, number: number): void {
  const found = describeTree(folder).filter((entry) => entry.path !== '')
  expect(found.map(asExpected)).toEqual(expectedEntries(set, number))
}

type Expected = Readonly<Record<string, unknown>>

function asExpected(entry: DescribedEntry): Expected {
  const path = Buffer.from(entry.path, 'latin1').toString('utf8')
  if (entry.type === 'link')
    return { path, type: 'symlink', target: Buffer.from(entry.linkTarget ?? '', 'latin1').toString('utf8') }
  const mtime = Number(entry.mtimeNs / 1_000_000_000n)
  const mode = entry.mode.toString(8).padStart(4, '0')
  if (entry.type === 'folder') return { path, type: 'folder', mode, mtime }
  return { path, type: 'file', mode, mtime, size: Number(entry.size), sha256: entry.sha256 }
}

function expectedEntries(set: string, number: number): Expected[] {
  const lines = readFileSync(join(fixturesFolder, set, `expected-${number}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const order = (entry: Expected): string => Buffer.from(String(entry['path'])).toString('latin1')
  return entries
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((entry) => {
      if (entry['type'] !== 'symlink') return entry
      return { path: entry['path'], type: 'symlink', target: entry['target'] }
    })
}

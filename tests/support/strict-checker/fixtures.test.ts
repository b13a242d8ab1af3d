// The checker judged by backups that stock Duplicati wrote: it finds nothing wrong with them, and what it reads in them
// is what was backed up.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectSound, type CheckOptions } from './check-backup.ts'
import type { SeenEntry } from './dlist.ts'
import { secondsOfTicks } from './times.ts'

const FIXTURES = join(import.meta.dirname, '../../../../shared/fixtures/duplicati-2.0.8.1')
const SOURCE = '/source/tree/'

/** The numbers of the expectations that the versions of a set, oldest first, must meet. */
const SETS: readonly { set: string; expected: readonly number[]; options?: Partial<CheckOptions> }[] = [
  { set: 'plain-small-blocks', expected: [1, 2, 3], options: { blocksize: 10_240 } },
  { set: 'no-index-files', expected: [1, 2] },
  { set: 'compacted', expected: [2, 3] },
  { set: 'aes-three-versions', expected: [1, 2, 3], options: { passphrase: 'correct horse' } },
]

const isMissing = !existsSync(FIXTURES)
if (isMissing && process.env['CI'] === 'true')
  throw new Error(`the backups of stock Duplicati are not at ${FIXTURES}`)
if (isMissing) process.stderr.write(`\nSKIPPED: the backups of stock Duplicati are not at ${FIXTURES}\n`)

describe.skipIf(isMissing)('backups of stock Duplicati 2.0.8.1', () => {
  it.for(SETS)('$set is sound and holds what was backed up', async ({ set, expected, options }) => {
    const versions = new Map<string, Map<string, object>>()
    const report = await expectSound(join(FIXTURES, set, 'backup'), {
      written: 'stock',
      ...options,
      eachEntry: (entry, version) => {
        const entries = versions.get(version) ?? new Map<string, object>()
        versions.set(version, entries.set(pathBelowSource(entry), comparable(entry)))
      },
    })
    expect(report.versions).toHaveLength(expected.length)
    for (const [index, version] of report.versions.entries()) {
      const found = versions.get(version.name)
      found?.delete('')
      expect(found).toEqual(readExpected(join(FIXTURES, set, `expected-${expected[index]}.jsonl`)))
    }
  })
})

function pathBelowSource(entry: SeenEntry): string {
  expect(entry.path.startsWith(SOURCE)).toBe(true)
  return entry.path.slice(SOURCE.length).replace(/\/$/, '')
}

function comparable(entry: SeenEntry): object {
  const type = entry.type.toLowerCase()
  if (entry.type === 'Symlink') return { type, target: entry.metadata.get('CoreSymlinkTarget') }
  const mode = Number(entry.metadata.get('unix:uid-gid-perm')?.split('-')[2])
  const mtime = secondsOfTicks(entry.metadata.get('CoreLastWritetime') ?? '')
  if (entry.type === 'Folder') return { type, mode, mtime }
  expect(entry.timeSeconds).toBe(mtime)
  const sha256 = Buffer.from(entry.hash ?? '', 'base64').toString('hex')
  return { type, mode, mtime, size: entry.sizeBytes, sha256 }
}

type ExpectedLine = { path: string; mode?: string }

function readExpected(file: string): Map<string, object> {
  const expected = new Map<string, object>()
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const { path, mode, ...facts }: ExpectedLine = JSON.parse(line)
    expected.set(path, mode === undefined ? facts : { ...facts, mode: Number.parseInt(mode, 8) & 0o777 })
  }
  return expected
}

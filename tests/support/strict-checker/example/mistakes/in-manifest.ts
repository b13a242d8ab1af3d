// Mistakes in the manifest.
import { writeZip } from '../zip.ts'
import { PLAIN, type Mistake } from './mistake.ts'
import { BLOCKSIZE } from '../backup.ts'

export const IN_MANIFEST: readonly Mistake[] = [
  manifest('no byte order mark', (json) => json.slice(1), 'expected a byte order mark, found none'),
  manifest('a property more', (json) => json.replace('{', '{"More":1,'), 'properties expected AppVersion'),
  manifest(
    'a property less',
    (json) => json.replace(',"AppVersion":"1.0"', ''),
    'properties expected AppVersion',
  ),
  manifest('version 3', (json) => json.replace('"Version":2', '"Version":3'), 'Version expected 2, found 3'),
  manifest('version 1', (json) => json.replace('"Version":2', '"Version":1'), 'Version expected 2, found 1'),
  manifest(
    'lower-case hash name',
    (json) => json.replace('SHA256', 'sha256'),
    'BlockHash expected SHA256, found sha256',
  ),
  manifest('another encoding', (json) => json.replace('utf8', 'UTF8'), 'Encoding expected utf8, found UTF8'),
  manifest('another time format', (json) => json.replace('T221320Z', 'T22:13Z'), 'Created expected as'),
  manifest(
    'another blocksize',
    (json) => json.replace('1024', '2048'),
    `Blocksize expected ${BLOCKSIZE}, found 2048`,
  ),
  manifest(
    'a blocksize below the least',
    (json) => json.replace('1024', '512'),
    'Blocksize expected 1024, found 512',
    'Blocksize expected 1024 to 2147483647, found 512',
  ),
  {
    mistake: 'no manifest',
    mutation: {
      files: (files) => files.set(PLAIN.dlist, writeZip([{ name: 'fileset', content: Buffer.alloc(1) }])),
    },
    reports: ['has no manifest', 'first entry expected "manifest", found "fileset"'],
  },
  {
    mistake: 'no entry at all',
    mutation: { files: (files) => files.set(PLAIN.dlist, writeZip([])) },
    reports: ['has no manifest', 'first entry expected "manifest", found "nothing"'],
  },
]

function manifest(mistake: string, change: (json: string) => string, ...reports: string[]): Mistake {
  return { mistake, mutation: { manifest: change }, reports }
}

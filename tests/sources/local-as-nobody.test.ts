// The local source for a user who lacks rights. Permissions do not bind root, so that for root all of this file runs
// with the rights of nobody.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import { sourceSuite } from '../../src/sources/suite.ts'
import { diskTree } from '../../src/sources/suite/disk-tree.ts'
import { listAll } from '../../src/sources/suite/reading.ts'
import { tempFolder } from '../support/temp-folder.ts'

const nobody = 65_534
const isRoot = process.geteuid?.() === 0

beforeAll(() => {
  if (isRoot) process.seteuid?.(nobody)
})

afterAll(() => {
  if (isRoot) process.seteuid?.(0)
})

sourceSuite(
  'a folder of this machine, for an ordinary user,',
  async () => {
    const folder = tempFolder()
    return {
      tree: diskTree(folder),
      connect: (rootPath = '') => new LocalSource({ path: join(folder, rootPath) }),
      forbid: (path) => chmodSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path)]), 0),
      dispose: async () => undefined,
    }
  },
  { timeUnitNs: 1n, timesBefore1970: true, largestBytes: 2_000_000 },
)

it('a folder that may be listed but not entered gives its entries as problems', async () => {
  const folder = tempFolder()
  writeFileSync(join(folder, 'file'), 'x')
  chmodSync(folder, 0o444)
  const source = new LocalSource({ path: folder })
  await source.open(neverAborted())
  const [root] = await listAll(source)
  expect(root).toMatchObject({
    entries: [],
    problems: [{ path: Buffer.from('file'), error: { code: 'EntryUnreadable' } }],
  })
})

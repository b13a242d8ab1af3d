// What is in the way of a restore: it is kept or replaced as the options say, the report tells it, and nothing is
// ever written through a link. Two entries never become one, whatever a file list says.
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/base/hash.ts'
import {
  filelistName,
  filesetName,
  unknownTime,
  type DlistEntry,
} from '../../src/format/dlist/dlist-entry.ts'
import { dlistBytes, filesetJson } from '../../src/format/dlist/write-dlist.ts'
import { forgeVolume } from '../support/forged-volumes.ts'
import { TestBackup, testBlocksize } from '../support/run-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A backup of one file, and what lies in the folder to be restored into. */
async function scene(name = 'letter.txt'): Promise<{
  backup: TestBackup
  out: string
  at: (name: string) => string
  restored: () => Record<string, string>
}> {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, name), 'right')
  const backup = new TestBackup(folder)
  await backup.backUp(tree)
  const out = join(folder, 'out')
  mkdirSync(out)
  return { backup, out, at: (below) => join(out, below), restored: () => contentsOf(out) }
}

/** By name: what a file holds, where a link points, else what it is. */
function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const text = (path: string, entry: (typeof entries)[number]): string => {
    if (entry.isFile()) return readFileSync(path, 'utf8')
    if (entry.isSymbolicLink()) return `-> ${readlinkSync(path)}`
    return entry.isDirectory() ? 'folder' : 'special'
  }
  return Object.fromEntries(entries.map((entry) => [entry.name, text(join(folder, entry.name), entry)]))
}

const today = new Date().toISOString().slice(0, 10)

describe('two entries of one place', () => {
  const texts = ['first', 'second']
  const entryOf = (path: string, text: string): DlistEntry => ({
    kind: 'File',
    path,
    hash: sha256(Buffer.from(text)),
    sizeBytes: text.length,
    blocklists: undefined,
    modifiedSeconds: unknownTime,
    metaHash: sha256(Buffer.from('first')),
    metaSizeBytes: 5,
    metaBlocklists: undefined,
  })

  it.for([
    { paths: ['C:\\a\\same.txt', '/C/a/same.txt'], overwrite: false },
    { paths: ['/a/same.txt', '/a/same.txt'], overwrite: true },
  ])('become two files, and the report names the second: $paths', async ({ paths, overwrite }) => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    for (const text of texts) writeFileSync(join(tree, text), text)
    const backup = new TestBackup(folder)
    await backup.backUp(tree)
    const dlist = readdirSync(backup.folder).find((name) => name.includes('.dlist.')) ?? ''
    const entries = paths.map((path, at) => entryOf(path, texts[at] ?? ''))
    const list = Buffer.concat([...dlistBytes([...entries, entryOf('/z', 'first')], testBlocksize)])
    forgeVolume({
      path: join(backup.folder, dlist),
      passphrase: backup.passphrase,
      entries: [
        [filesetName, filesetJson({ isFullBackup: true })],
        [filelistName, list],
      ],
    })
    const out = join(folder, 'out')
    const report = await backup.restore(out, { overwrite, keepWholePaths: true })
    const beside = `same.${today}.txt`
    expect(contentsOf(join(out, ...(paths[1] ?? '').split('/').slice(0, -1)))).toEqual({
      'same.txt': 'first',
      [beside]: 'second',
    })
    expect(report.putBeside).toEqual([{ path: paths[1], as: beside }])
    expect(report.failed).toEqual([])
  })
})

describe('a file that is to be restored', () => {
  const beside = `letter.${today}.txt`
  const makings: Record<string, (path: string) => void> = {
    'a file that differs': (path) => writeFileSync(path, 'other'),
    'a longer file': (path) => writeFileSync(path, 'right, and more'),
    'a read-only file': (path) => writeFileSync(path, 'other', { mode: 0o400 }),
    'a file that may not be read': (path) => writeFileSync(path, 'other', { mode: 0 }),
    'a link to a file': (path) => symlinkSync('elsewhere', path),
    'a FIFO': (path) => execFileSync('mkfifo', [path]),
  }

  it.for(Object.keys(makings))(
    'goes beside %s, which stays; with --overwrite in its place',
    async (there) => {
      const { backup, out, at, restored } = await scene()
      writeFileSync(at('elsewhere'), 'kept')
      makings[there]?.(at('letter.txt'))
      const before = restored()
      const report = await backup.restore(out)
      expect(restored()).toEqual({ ...before, [beside]: 'right' })
      expect(report).toMatchObject({ files: 1, putBeside: [{ as: beside }], failed: [] })
      const again = await backup.restore(out)
      expect(restored(), 'what is beside already is right').toEqual({ ...before, [beside]: 'right' })
      expect(again).toMatchObject({ files: 0, alreadyRight: 1, failed: [] })
      const over = await backup.restore(out, { overwrite: true })
      expect(restored()).toEqual({ elsewhere: 'kept', 'letter.txt': 'right', [beside]: 'right' })
      expect(over).toMatchObject({ files: 1, putBeside: [], failed: [] })
      expect(statSync(at('letter.txt')).mode & 0o777).toBe(0o644)
    },
  )

  it.for([false, true])(
    'goes beside a folder that is not empty, overwrite or not (%s)',
    async (overwrite) => {
      const { backup, out, at, restored } = await scene()
      mkdirSync(at('letter.txt'))
      writeFileSync(at('letter.txt/inner'), 'kept')
      const report = await backup.restore(out, { overwrite })
      expect(restored()).toEqual({ 'letter.txt': 'folder', [beside]: 'right' })
      expect(readFileSync(at('letter.txt/inner'), 'utf8')).toBe('kept')
      expect(report).toMatchObject({ putBeside: [{ as: beside }], failed: [] })
    },
  )

  it('that is there already is not written again', async () => {
    const { backup, out, at } = await scene()
    writeFileSync(at('letter.txt'), 'right')
    const { ino } = statSync(at('letter.txt'))
    expect(await backup.restore(out, { overwrite: true })).toMatchObject({ files: 0, alreadyRight: 1 })
    expect(statSync(at('letter.txt')).ino).toBe(ino)
  })
})

describe('a link that is to be restored', () => {
  it('goes beside a file and a folder; with --overwrite in the place of the file only', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    for (const name of ['a', 'b']) symlinkSync('nowhere', join(tree, name))
    const backup = new TestBackup(folder)
    await backup.backUp(tree)
    const out = join(folder, 'out')
    mkdirSync(join(out, 'b'), { recursive: true })
    writeFileSync(join(out, 'a'), 'other')
    const first = { a: 'other', [`a.${today}`]: '-> nowhere', b: 'folder', [`b.${today}`]: '-> nowhere' }
    expect((await backup.restore(out)).putBeside).toHaveLength(2)
    expect(contentsOf(out)).toEqual(first)
    expect(await backup.restore(out, { overwrite: true })).toMatchObject({ failed: [] })
    expect(contentsOf(out)).toEqual({ ...first, a: '-> nowhere' })
  })
})

describe('a folder that is to be restored', () => {
  it.for(['file', 'link'] as const)(
    'and has a %s in its place is told, with all that is in it',
    async (kind) => {
      const folder = tempFolder()
      const tree = join(folder, 'tree')
      mkdirSync(join(tree, 'sub'), { recursive: true })
      writeFileSync(join(tree, 'sub', 'inner'), 'right')
      writeFileSync(join(tree, 'outer'), 'right')
      const backup = new TestBackup(folder)
      await backup.backUp(tree)
      const [out, elsewhere] = [join(folder, 'out'), join(folder, 'elsewhere')]
      for (const made of [out, elsewhere]) mkdirSync(made)
      if (kind === 'file') writeFileSync(join(out, 'sub'), 'kept')
      else symlinkSync(elsewhere, join(out, 'sub'))
      const before = lstatSync(join(out, 'sub'))
      for (const overwrite of [false, true]) {
        const { failed } = await backup.restore(out, { overwrite })
        const told = failed.map(({ path, error }) => `${path.slice(tree.length)} ${error.code}`)
        expect(new Set(told)).toEqual(
          new Set(['/sub/ RestoreTargetFailed', '/sub/inner RestoreTargetFailed']),
        )
      }
      expect(lstatSync(join(out, 'sub')).ino).toBe(before.ino)
      expect(readFileSync(join(out, 'outer'), 'utf8')).toBe('right')
      expect(readdirSync(elsewhere)).toEqual([])
    },
  )
})

// A version as a zip archive: programs that share no code with Pullback find it sound, and unpack the tree from it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { zip } from '../../src/usecases/zip-version.ts'
import { compareTrees, describeTree, type DescribedEntry } from '../support/describe-tree.ts'
import { BackupStory, namesIn } from '../support/backup-story.ts'
import { blocksWithContent, forgeVolume } from '../support/forged-volumes.ts'
import { TestBackup, testPassphrase } from '../support/run-engine.ts'
import { zipInto, zipped } from '../support/run-outlets.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf } from '../support/trees.ts'

const unzipMissing = spawnSync('unzip', ['-v']).error !== undefined

/** Unpacks with unzip, which must be content. Control characters in names are kept. */
function unpacked(archive: Buffer): string {
  const folder = tempFolder()
  const file = join(folder, 'a.zip')
  const out = join(folder, 'out')
  writeFileSync(file, archive)
  mkdirSync(out)
  const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } } as const
  const tested = spawnSync('unzip', ['-tqq', file], options)
  expect(tested.status, tested.stdout + tested.stderr).toBe(0)
  const done = spawnSync('unzip', ['-qq', '-^', file, '-d', out], options)
  expect(done.status, done.stdout + done.stderr).toBe(0)
  return out
}

/** What a zip keeps: no special files, nine bits of mode, whole seconds of 32 bits, no times of links. */
function differences(expected: string, actual: string): string[] {
  const kept = (entries: DescribedEntry[]): DescribedEntry[] =>
    entries.map((entry) => {
      const inRange = entry.mtimeNs >= 0n && entry.mtimeNs < 2n ** 31n * 1_000_000_000n
      const mtimeNs = inRange && entry.type !== 'link' ? entry.mtimeNs : 0n
      return { ...entry, mode: entry.mode & 0o777, mtimeNs }
    })
  const before = describeTree(expected)
  const untimed = new Set(
    kept(before)
      .filter((one) => one.mtimeNs === 0n)
      .map((one) => one.path),
  )
  const after = kept(describeTree(actual)).map((one) =>
    untimed.has(one.path) ? { ...one, mtimeNs: 0n } : one,
  )
  return compareTrees(kept(before), after, {
    skip: ({ type, path }) => !['file', 'folder', 'link'].includes(type) || path === '',
    timeUnitNs: 1_000_000_000n,
  })
}

describe('a zip of a version', () => {
  it.skipIf(unzipMissing)(
    'unpacks to the tree: names as bytes, links, modes, times, empty folders',
    async () => {
      const folder = tempFolder()
      const tree = join(folder, 'tree')
      awkwardTree(tree)
      writeFileSync(join(tree, 'long'), contentOf('long', (3 << 20) + 77))
      writeFileSync(join(tree, 'long text'), 'the same words over and over, '.repeat(100_000))
      const backup = new TestBackup(folder)
      await backup.backUp(tree)
      const { bytes, report } = await zipped({ backup })
      expect(report).toMatchObject({ failed: [], warnings: [], archiveBytes: bytes.length })
      expect(differences(tree, unpacked(bytes))).toEqual([])
      const read = await fromBufferPromise(bytes)
      expect(read.entryCount).toBe(report.files + report.folders + report.links)
      expect(namesIn(backup.tempFolder)).toEqual([])
    },
  )
})

describe('a zip of a backup', () => {
  let story: BackupStory

  beforeAll(async () => {
    story = await BackupStory.tell(tempFolder(afterAll), testPassphrase)
  })

  const namesOf = async (bytes: Buffer): Promise<string[]> => {
    const names: string[] = []
    for await (const entry of (await fromBufferPromise(bytes)).eachEntry()) names.push(entry.fileName)
    return names
  }

  it('holds what matches, cut or whole, links last', async () => {
    const cut = await zipped(story, { patterns: ['/home/ana/run 2/'] })
    expect(await namesOf(cut.bytes)).toEqual(['empty', 'many blocks', 'one block', 'link'])
    const kept = await zipped(story, { patterns: ['/home/ana/run 2/e*'], keepWholePaths: true })
    expect(await namesOf(kept.bytes)).toEqual(['home/ana/run 2/empty'])
    await expect(zipped(story, { patterns: ['nothing'] })).rejects.toMatchObject({ code: 'NothingMatches' })
  })

  it.skipIf(unzipMissing)('lacks a damaged file, says so, and holds all others', async () => {
    const harmed = story.copy()
    const dblock = harmed.versions[1]?.dblock ?? ''
    const path = harmed.path(dblock)
    const wrong = contentOf('many 2', 40 * 1024 + 5).subarray(20 * 1024, 21 * 1024)
    const entries = blocksWithContent(path, dblock, testPassphrase).map(
      ([name, bytes]) => [name, bytes.equals(wrong) ? contentOf('wrong', 1024) : bytes] as const,
    )
    forgeVolume({ path, passphrase: testPassphrase, entries })
    const { bytes, report } = await zipped(harmed)
    expect(report.failed.map((one) => one.path)).toEqual(['/home/ana/run 2/many blocks'])
    const found = differences(story.tree, unpacked(bytes))
    expect(found).toEqual(['"run 2/many blocks": missing (file)'])
  })

  it('lacks a file with a block that is not where its dindex says, and holds all others', async () => {
    const folder = tempFolder()
    const tree = join(folder, 'tree')
    mkdirSync(tree)
    const backup = new TestBackup(folder, { passphrase: undefined })
    const first: string[] = []
    for (let run = 0; run < 7; run += 1) {
      for (const at of [1, 2, 3]) writeFileSync(join(tree, `${run} ${at}`), contentOf(`${run} ${at}`, 900))
      await backup.backUp(tree)
      if (run === 0) first.push(...namesIn(backup.folder).filter((name) => name.includes('.dblock.')))
    }
    const [dblock = ''] = first
    const path = join(backup.folder, dblock)
    const lost = contentOf('0 2', 900)
    const entries = blocksWithContent(path, dblock, undefined).filter(([, bytes]) => !bytes.equals(lost))
    forgeVolume({ path, passphrase: undefined, entries })
    const { bytes, report } = await zipped({ backup })
    expect(report.failed.map((one) => one.path)).toEqual([`${tree}/0 2`])
    expect((await namesOf(bytes)).filter((name) => !name.endsWith('/'))).toHaveLength(7 * 3 - 1)
  })

  it('goes to a new file that has its name only when it is whole, and never replaces one', async () => {
    const folder = tempFolder()
    const file = join(folder, 'new.zip')
    const { world, request } = zipInto(file, story.backup)
    const report = await zip(request, world)
    expect(readFileSync(file).length).toBe(report.archiveBytes)
    expect(namesIn(folder)).toEqual(['new.zip'])
    await expect(zip(request, world)).rejects.toMatchObject({ code: 'OutputUnusable' })
    const nowhere = zipInto(join(folder, 'no', 'such', 'folder.zip'), story.backup)
    await expect(zip(nowhere.request, nowhere.world)).rejects.toMatchObject({ code: 'OutputUnusable' })
    const wrong = { ...request, patterns: ['nothing'], output: { file: join(folder, 'other.zip') } }
    await expect(zip(wrong, world)).rejects.toMatchObject({ code: 'NothingMatches' })
    expect(namesIn(folder)).toEqual(['new.zip'])
    expect(existsSync(file)).toBe(true)
  })
})

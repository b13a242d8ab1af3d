// An index that is damaged, old, or not an index: noticed or harmless. The next backup finishes, every version of
// before and after comes back, and nothing at the destination is deleted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemRandomness } from '../../src/base/randomness.ts'
import { openIndex } from '../../src/index-db/open-index.ts'
import { seededNumbers } from '../../src/targets/suite/content.ts'
import { BackupStory } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

const seed = systemRandomness.bytes(4).readUInt32LE()
const flips = 200
let told: BackupStory

beforeAll(async () => {
  told = await BackupStory.tell(tempFolder(afterAll), undefined)
})

async function expectNextRunIsRight(story: BackupStory, rebuilt: boolean): Promise<void> {
  const before = new Map(describeTree(story.backup.folder).map((entry) => [entry.path, entry.sha256]))
  story.change(4)
  const report = await story.backUp()
  expect(report).toMatchObject({ indexRebuilt: rebuilt, gaps: [], version: { isFull: true } })
  const after = new Map(describeTree(story.backup.folder).map((entry) => [entry.path, entry.sha256]))
  for (const [path, hash] of before) if (path !== '') expect([path, after.get(path)]).toEqual([path, hash])
  await story.backup.check()
  await story.expectVersions()
  const out = join(tempFolder(), 'out')
  expect((await story.backup.restore(out)).failed).toEqual([])
  expectSameTree(story.tree, out)
  expect((await story.backUp()).indexRebuilt).toBe(false)
}

interface Harm {
  readonly name: string
  readonly apply: (index: string) => void | Promise<void>
  readonly rebuilt: boolean
}

const harms: readonly Harm[] = [
  { name: 'that is untouched', apply: () => undefined, rebuilt: false },
  { name: 'that was lost', apply: (index) => rmSync(index), rebuilt: true },
  { name: 'that was lost with its lock', apply: loseFolder, rebuilt: true },
  { name: 'whose lock alone was lost', apply: (index) => rmSync(`${index}.lock`), rebuilt: false },
  { name: 'cut in half', apply: (index) => truncateSync(index, statSync(index).size >> 1), rebuilt: true },
  { name: 'cut to nothing', apply: (index) => truncateSync(index, 0), rebuilt: true },
  { name: 'longer by a byte', apply: (index) => writeFileSync(index, 'x', { flag: 'a' }), rebuilt: true },
  { name: 'that is a text', apply: (index) => writeFileSync(index, 'a shopping list'), rebuilt: true },
  { name: 'of another time', apply: async (index) => copyFileSync(await oldIndex(), index), rebuilt: true },
  {
    name: 'of another time without its lock',
    apply: async (index) => {
      copyFileSync(await oldIndex(), index)
      rmSync(`${index}.lock`)
    },
    rebuilt: true,
  },
  {
    name: 'beside a WAL of another time',
    apply: async (index) => copyFileSync(await strangeWal(), `${index}-wal`),
    rebuilt: false,
  },
]

describe('an index', () => {
  it.each(harms)('$name is noticed or harmless', async ({ apply, rebuilt }) => {
    const story = told.copy()
    await apply(story.backup.indexPath)
    await expectNextRunIsRight(story, rebuilt)
  })

  it(`with a bit flipped anywhere (${flips} places of seed ${seed}) is never believed`, async () => {
    const story = told.copy()
    const path = story.backup.indexPath
    const sound = readFileSync(path)
    const number = seededNumbers(seed)
    for (let count = 0; count < flips; count += 1) {
      const at = number(sound.length)
      const bytes = Buffer.from(sound)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << number(8)), at)
      writeFileSync(path, bytes)
      expect(() => openIndex(path), `byte ${at}`).toThrow('it is not as the last run left it')
    }
    await expectNextRunIsRight(story, true)
  })

  it('that is a folder is refused, and the folder is left as it is', async () => {
    const story = told.copy()
    const path = story.backup.indexPath
    renameSync(path, `${path}.aside`)
    mkdirSync(path)
    writeFileSync(join(path, 'a file'), 'of somebody')
    story.change(4)
    await expect(story.backUp()).rejects.toMatchObject({ code: 'IndexUnusable' })
    expect(readFileSync(join(path, 'a file'), 'utf8')).toBe('of somebody')
    rmSync(path, { recursive: true })
    renameSync(`${path}.aside`, path)
    expect((await story.backUp()).version).toBeDefined()
    await story.expectVersions()
  })

  it('that is a database of another program is refused, and left as it is', async () => {
    const story = told.copy()
    const path = story.backup.indexPath
    loseFolder(path)
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE Version (Version INTEGER)')
    other.close()
    const before = readFileSync(path)
    await expect(story.backUp()).rejects.toMatchObject({ code: 'IndexForeign' })
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('whose run was killed is looked at closely, with its WAL and without', async () => {
    for (const keepsWal of [true, false]) {
      const story = told.copy()
      const path = story.backup.indexPath
      await killWhileOpen(path)
      expect(existsSync(`${path}-wal`)).toBe(true)
      if (!keepsWal) rmSync(`${path}-wal`)
      await expectNextRunIsRight(story, false)
    }
  })

  it('whose run was killed and that was damaged after is built again', async () => {
    const story = told.copy()
    const path = story.backup.indexPath
    await killWhileOpen(path)
    rmSync(`${path}-wal`)
    const bytes = readFileSync(path)
    bytes.fill(0, bytes.length - 8192)
    writeFileSync(path, bytes)
    await expectNextRunIsRight(story, true)
  })
})

/** The index and what lies beside it; the folder stays. */
function loseFolder(index: string): void {
  rmSync(join(index, '..'), { recursive: true })
  mkdirSync(join(index, '..'))
}

/** The index of a backup that went another way after the second of the three runs. */
async function oldIndex(): Promise<string> {
  const story = told.copy()
  for (const kind of ['dblock', 'dindex', 'dlist'] as const)
    rmSync(story.path(story.versions[2]?.[kind] ?? ''))
  rmSync(story.backup.indexPath)
  await story.backUp()
  return story.backup.indexPath
}

/** What a database of another time would leave beside itself if it was not closed. */
async function strangeWal(): Promise<string> {
  const path = await oldIndex()
  const other = new DatabaseSync(path)
  other.exec("PRAGMA journal_mode = WAL; INSERT OR REPLACE INTO setting VALUES ('blocksize', '77')")
  copyFileSync(`${path}-wal`, `${path}-kept`)
  other.close()
  return `${path}-kept`
}

/** A process that has the index open, has committed something to its WAL, and dies. */
async function killWhileOpen(path: string): Promise<void> {
  const program = `
    const { openIndex } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/index-db/open-index.ts'))})
    const index = openIndex(${JSON.stringify(path)})
    index.begin()
    index.set('blocksize', index.setting('blocksize'))
    index.commit()
    process.stdout.write('open')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
}

// File lists and dindexes that somebody wrote on purpose, with the passphrase: well formed, and full of lies. Whatever
// they say, nothing is written outside the folder restored into, memory is bounded, other versions come back, and the
// next run either survives them or refuses in words; when they are gone, it finishes.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isPullbackError } from '../../src/base/errors.ts'
import { sha256 } from '../../src/base/hash.ts'
import { openVolumeFile } from '../../src/engine/volumes/read-volume-file.ts'
import { volEntryName } from '../../src/format/dindex.ts'
import { filelistName, filesetName } from '../../src/format/dlist/dlist-entry.ts'
import { filesetJson } from '../../src/format/dlist/write-dlist.ts'
import { writeManifest } from '../../src/format/manifest.ts'
import { BackupStory } from '../support/backup-story.ts'
import { forgeVolume } from '../support/forged-volumes.ts'
import { tempFolder } from '../support/temp-folder.ts'

type Listed = Record<string, unknown>

let told: BackupStory
beforeAll(async () => {
  told = await BackupStory.tell(tempFolder(afterAll), undefined)
})

const mostBytes = 400 * 1024 * 1024
const soon = '20990101T000000Z'
const escape = join(tmpdir(), 'pullback-escaped')

interface Lie {
  readonly name: string
  /** The true entries of the newest version, to be made worse; or the text of the list. */
  readonly list: (entries: Listed[]) => Listed[] | Buffer
  readonly time?: string
  readonly manifest?: Buffer
}

const at = (entries: Listed[], path: string): Listed =>
  entries.find((entry) => entry['path'] === `/home/ana/${path}`) ?? expect.fail(`${path} is there`)
const with_ = (entries: Listed[], path: string, change: Listed): Listed[] =>
  entries.map((entry) => (entry === at(entries, path) ? { ...entry, ...change } : entry))
const added = (entries: Listed[], paths: readonly string[], like = 'changing'): Listed[] => [
  ...entries,
  ...paths.map((path) => ({ ...at(entries, like), path })),
]
const manifestOf = (blocksize: number): Buffer =>
  writeManifest({ blocksize, createdMs: 0, appVersion: 'forged' })

const lies: readonly Lie[] = [
  {
    name: 'paths that lead outside',
    list: (entries) =>
      added(
        entries,
        [
          `/home/ana/../../../../../../../..${escape}-1`,
          `..${escape}-2`,
          `../${escape}-3`,
          '/home/ana/./dot',
          '/home/ana//empty',
          'C:\\..\\..\\dos',
          'relative',
          '/',
          '',
        ].filter((path) => path !== ''),
      ),
  },
  {
    name: 'a link and a file below it',
    list: (entries) => [
      ...entries,
      { ...at(entries, 'run 3/link'), path: '/home/ana/door' },
      { ...at(entries, 'changing'), path: '/home/ana/door/inside' },
      { ...at(entries, 'changing'), path: '/home/ana/changing/below a file' },
    ],
  },
  { name: 'a path with a zero byte', list: (entries) => added(entries, ['/home/ana/zero\0byte']) },
  { name: 'an entry twice', list: (entries) => [...entries, ...entries] },
  {
    name: 'an entry as file and as folder',
    list: (entries) => [...entries, { ...at(entries, 'run 3/'), path: '/home/ana/changing/' }],
  },
  { name: 'a path of 60 KiB', list: (entries) => added(entries, [`/home/ana${'/deep'.repeat(12_000)}`]) },
  { name: 'a string of 64 MiB', list: (entries) => added(entries, [`/home/ana/${'n'.repeat(64 << 20)}`]) },
  { name: 'brackets without end', list: () => Buffer.alloc(32 << 20, '[') },
  { name: 'deep objects', list: () => Buffer.from(`[${'{"a":'.repeat(1_000_000)}`) },
  { name: 'half a list', list: (entries) => Buffer.from(JSON.stringify(entries).slice(0, -40)) },
  { name: 'an empty list', list: () => [] },
  ...[-1, 1e300].map((size) => ({
    name: `a file of ${JSON.stringify(size)} bytes`,
    list: (entries: Listed[]) => with_(entries, 'run 3/many blocks', { size }),
  })),
  ...[1, 2 ** 50].map((size) => ({
    name: `a file that says it has ${size} bytes, and has 41 blocks`,
    list: (entries: Listed[]) => with_(entries, 'run 3/many blocks', { size }),
  })),
  {
    name: 'a file of one block that says it has 2^50 bytes',
    list: (entries) => with_(entries, 'changing', { size: 2 ** 50 }),
  },
  {
    name: 'metadata of 2^40 bytes',
    list: (entries) => with_(entries, 'changing', { metasize: 2 ** 40 }),
  },
  {
    name: 'the time of a version that is there, under another extension',
    list: (entries) => entries,
    time: 'newest',
  },
  { name: 'a time in the last second of the calendar', list: (entries) => entries, time: '99991231T235959Z' },
  ...[2 ** 31 - 1, 2 ** 20].map((blocksize) => ({
    name: `a manifest of blocks of ${blocksize} bytes`,
    list: (entries: Listed[]) => entries,
    manifest: manifestOf(blocksize),
  })),
  {
    name: 'a manifest of blocks of 0 bytes',
    list: (entries) => entries,
    manifest: Buffer.from(manifestOf(1024).toString().replace('1024', '0')),
  },
]

it.each(lies)(
  'a file list with $name harms nothing',
  { timeout: 60_000 },
  async ({ list, time, manifest }) => {
    const story = told.copy()
    const newest = story.versions[2]?.dlist ?? ''
    const content = list(entriesOf(story.path(newest)))
    const name =
      time === 'newest' ? newest.replace('.zip', '.zip.other') : `duplicati-${time ?? soon}.dlist.zip`
    forgeVolume({
      path: story.path(name),
      passphrase: undefined,
      ...(manifest ? { manifest } : {}),
      entries: [
        [filesetName, filesetJson({ isFullBackup: true })],
        [filelistName, Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))],
      ],
    })
    await expectBounded(async () => {
      await restoreStaysInside(story)
      await expectSurvived(story, name)
    })
  },
)

const dindexLies = [
  { name: 'a block of -1 bytes', vol: (text: string) => text.replace(/"size":\d+/, '"size":-1') },
  {
    name: 'blocks of 2^50 bytes',
    vol: (text: string) => text.replaceAll(/"size":\d+/g, `"size":${2 ** 50}`),
  },
  { name: 'brackets without end', vol: () => '['.repeat(1 << 20) },
  { name: 'the name of a dblock outside', vol: (text: string) => text, dblock: '../../escape' },
  {
    name: 'a volume size that is none',
    vol: (text: string) => text.replace(/"volumesize":\d+/, '"volumesize":"x"'),
  },
  {
    name: '200,000 blocks that are nowhere',
    vol: (text: string) => {
      const blocks = Array.from({ length: 200_000 }, (_, number) => {
        const hash = sha256(Buffer.from(String(number))).toString('base64')
        return `{"hash":"${hash}","size":1024}`
      })
      return text.replace('"blocks":[', `"blocks":[${blocks.join(',')},`)
    },
  },
]

it.each(dindexLies)('a dindex with $name harms nothing', { timeout: 60_000 }, async ({ vol, dblock }) => {
  const story = told.copy()
  const { dindex = '', dblock: described = '' } = story.versions[2] ?? {}
  const volume = openVolumeFile({ path: story.path(dindex), name: dindex, passphrase: undefined })
  const text = Buffer.from(volume.archive.read(volEntryName(described), 1 << 20)).toString()
  volume.close()
  const name = `duplicati-i${'0'.repeat(32)}.dindex.zip`
  const content = Buffer.from(vol(text))
  const entries = [[volEntryName(dblock ?? described), content] as const]
  forgeVolume({ path: story.path(name), passphrase: undefined, entries })
  await expectBounded(async () => {
    await restoreStaysInside(story)
    await expectSurvived(story, name)
  })
})

/** A restore of the newest version ends in a report or in words, and writes into its folder alone. */
async function restoreStaysInside(story: BackupStory): Promise<void> {
  const around = tempFolder()
  writeFileSync(join(around, 'beside'), 'kept')
  mkdirSync(join(around, 'a', 'b'), { recursive: true })
  const out = join(around, 'a', 'b', 'out')
  await inWords(story.backup.restore(out))
  expect(readdirSync(around).sort()).toEqual(['a', 'beside'])
  expect(readdirSync(join(around, 'a'))).toEqual(['b'])
  expect(readdirSync(join(around, 'a', 'b')).filter((name) => name !== 'out')).toEqual([])
  for (const number of [1, 2, 3]) expect(existsSync(`${escape}-${number}`)).toBe(false)
}

/** What was there before comes back; a run with an index built of it all ends in words; without the lie, well. */
async function expectSurvived(story: BackupStory, name: string): Promise<void> {
  await story.expectVersions([2])
  story.change(4)
  // The index does not know the volume: it is built again.
  expect(await inWords(story.backUp())).not.toBe('IndexUnusable')
  rmSync(story.path(name), { force: true })
  rmSync(story.backup.indexPath, { force: true })
  expect(await story.backUp({ changes: { uploadUnchanged: true } })).toMatchObject({
    gaps: [],
    version: { isFull: true },
  })
  await story.expectVersions()
  await story.backup.check()
}

/** The code of the error that it ended with, which has a sentence; undefined for a good end. */
async function inWords(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run
    return undefined
  } catch (error) {
    if (!isPullbackError(error)) throw error
    expect(error.what).toMatch(/\S/)
    expect(error.what.length).toBeLessThan(100_000)
    return error.code
  }
}

async function expectBounded(work: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage.rss()
  await work()
  expect(process.memoryUsage.rss() - before).toBeLessThan(mostBytes)
}

function entriesOf(dlist: string): Listed[] {
  const volume = openVolumeFile({ path: dlist, name: 'dlist', passphrase: undefined })
  const text = Buffer.from(volume.archive.read(filelistName, 1 << 24)).toString()
  volume.close()
  return JSON.parse(text.replace(/^\ufeff/, '')) as Listed[]
}

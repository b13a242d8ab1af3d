// Metadata that many files share lies in one volume, and their content in many. Whichever comes first, every file gets
// it; and where it is lost, every file keeps its content, and says what it lacks.
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import type { Target, TargetFile } from '../../src/targets/target.ts'
import { describeTree } from '../support/describe-tree.ts'
import { TestBackup } from '../support/run-engine.ts'
import { expectSameTree } from '../support/same-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'
import { withCalls } from '../support/watched-target.ts'

const files = 300
const blocksize = 64 * 1024
const oldSeconds = 1_000_000_000

let tree: string
let backup: TestBackup
beforeAll(async () => {
  const folder = tempFolder(afterAll)
  tree = join(folder, 'tree')
  mkdirSync(tree)
  for (let at = 0; at < files; at += 1) {
    const sizeBytes = at % 50 === 0 ? 5 * blocksize + at : 20_000 + at
    writeFileSync(join(tree, `file ${at}`), contentOf(`file ${at}`, sizeBytes))
    utimesSync(join(tree, `file ${at}`), oldSeconds, oldSeconds)
  }
  backup = new TestBackup(folder, { passphrase: undefined })
  await backup.backUp(tree, { changes: { blocksize, dblockSizeBytes: 1024 * 1024 } })
  expect(dblocks().length).toBeGreaterThan(5)
})

it.each(['first', 'last'] as const)('comes with the volume that is read %s', async (when) => {
  const out = join(tempFolder(), 'out')
  const report = await backup.restore(out, { target: listing(when) })
  expect(report).toMatchObject({ failed: [], files, warnings: [] })
  expectSameTree(tree, out)
})

it.each(['first', 'last'] as const)(
  'is lost with the volume that was read %s: contents of all others come back, and the report says so',
  async (when) => {
    const out = join(tempFolder(), 'out')
    const shared = sharedVolume()
    const target = without(listing(when), shared.name)
    const report = await backup.restore(out, { target })
    const lost = new Set(report.failed.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
    expect(lost.size).toBeGreaterThan(0)
    expect(lost.size).toBeLessThan(files / 2)
    expect(report.warnings.join('\n')).toMatch(/metadata of several entries could not be read/)
    const expected = describeTree(tree).filter(({ path }) => path !== '' && !lost.has(path))
    const there = describeTree(out).filter(({ path }) => path !== '')
    const told = (entries: typeof there): unknown[] =>
      entries.map(({ path, type, sha256 }) => [path, type, sha256])
    expect(told(there)).toEqual(told(expected))
    const [first] = there.filter(({ type }) => type === 'file')
    expect(
      report.warnings.filter((one) => one.includes(`${first?.path}: its metadata is lost`)),
    ).toHaveLength(1)
    // Nobody knows who was allowed to read them.
    expect(new Set(readdirSync(out).map((name) => statSync(join(out, name)).mode & 0o777))).toEqual(
      new Set([0o600]),
    )
    expect(readdirSync(out).filter((name) => name.startsWith('.pullback'))).toEqual([])
  },
)

it('is in no volume any more: contents come back, private, and each is told of', async () => {
  const out = join(tempFolder(), 'out')
  const { name } = sharedVolume()
  const target = without(without(listing('first'), name), describedBy(name))
  const report = await backup.restore(out, { target })
  const restored = readdirSync(out)
  expect(restored.length).toBeGreaterThan(files / 2)
  expect(restored.length + report.failed.length).toBe(files)
  expect(report.warnings.some((one) => one.includes(`${restored[0]}: its metadata is lost`))).toBe(true)
  expect(new Set(restored.map((file) => statSync(join(out, file)).mode & 0o777))).toEqual(new Set([0o600]))
})

function dblocks(): string[] {
  return readdirSync(backup.folder).filter((name) => name.includes('.dblock.'))
}

/** The one that has the metadata of nearly all files: it was begun first. */
function sharedVolume(): { readonly name: string } {
  const [name = ''] = backup.withIndex((index) => {
    const count = new Map<number, number>()
    const version = index.versions.all().at(-1)
    for (const { kind, metaHash } of index.entries.ofVersion(version?.id ?? 0)) {
      const place = kind === 'file' && metaHash ? index.blocks.places(metaHash)[0] : undefined
      if (place) count.set(place.volumeId, (count.get(place.volumeId) ?? 0) + 1)
    }
    const [most] = [...count].toSorted((a, b) => b[1] - a[1])
    return [index.volumes.get(most?.[0] ?? 0)?.name]
  })
  return { name }
}

/** The destination, its volumes listed so that the one with the metadata is read first or last. */
function listing(when: 'first' | 'last'): Target {
  const { name } = sharedVolume()
  const described = describedBy(name)
  return changed(new LocalTarget({ folder: backup.folder }), (names) => {
    const others = names.filter((one) => one !== described)
    return when === 'first' ? [described, ...others] : [...others, described]
  })
}

function without(target: Target, name: string): Target {
  return changed(target, (names) => names.filter((one) => one !== name))
}

/** The dindex of a dblock, by the row that says so. */
function describedBy(dblock: string): string {
  return backup.withIndex((index) => {
    const id = index.volumes.find(dblock)?.id
    return index.volumes.all().find(({ describes }) => describes === id)?.name ?? ''
  })
}

function changed(target: Target, change: (names: string[]) => string[]): Target {
  const list = async function* (signal: AbortSignal): ReturnType<Target['list']> {
    const found = new Map<string, TargetFile>()
    for await (const file of target.list(signal)) found.set(file.name, file)
    for (const name of change([...found.keys()])) yield found.get(name) ?? expect.fail(`${name} is listed`)
  }
  return withCalls(target, { list })
}

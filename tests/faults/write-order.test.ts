// The order in which a backup reaches the disk (docs/reliability.md, order of a backup), as the calls that a run makes.
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIndex } from '../../src/index-db/open-index.ts'
import type { VolumeRow } from '../../src/index-db/volume-table.ts'
import { Scene, type Place } from '../support/kill-table/scene.ts'
import { runUnderShim, type Effect, type Harm } from '../support/shim/run-under-shim.ts'
import { shimMissing } from '../support/shim/shim-library.ts'
import { tempFolder } from '../support/temp-folder.ts'

const confirmed: ReadonlySet<string> = new Set(['uploaded', 'verified'])

describe.skipIf(shimMissing())('a backup', () => {
  let scene: Scene
  let place: Place
  let effects: readonly Effect[]

  beforeAll(async () => {
    scene = await Scene.build(tempFolder(afterAll))
    place = scene.place('empty')
    const run = await runUnderShim(scene.backupArgs(place, 1), { folder: place.folder })
    expect(run.exitCode).toBe(0)
    effects = run.effects
  })

  /** Where in the order a volume gets its name; the names in that order. */
  function namings(): { readonly at: number; readonly from: string; readonly name: string }[] {
    return effects.flatMap(({ kind, path, to }, at) =>
      (kind === 'link' || kind === 'rename') && to?.startsWith(`${place.backup}/`)
        ? [{ at, from: path, name: basename(to) }]
        : [],
    )
  }

  it('gives a volume its name when all of its bytes are on the disk', () => {
    expect(namings().length).toBeGreaterThan(4)
    for (const { at, from } of namings()) {
      const onFile = effects.slice(0, at).filter(({ path }) => path === from)
      expect(onFile.map(({ kind }) => kind)).toEqual([
        'create',
        ...onFile.slice(1, -1).map(() => 'write'),
        'fsync',
      ])
    }
  })

  it('writes into no file that has its name, and takes away only temporary ones', () => {
    const volumes = effects.filter(({ path }) => path.startsWith(`${place.backup}/`))
    const touched = volumes.filter(({ kind }) => kind !== 'link').map(({ path }) => basename(path))
    expect(touched.filter((name) => !name.startsWith('tmp-x'))).toEqual([])
  })

  it('brings the name of each volume to the disk', () => {
    for (const { at, name } of namings()) expect(folderSynced(at), name).toBeGreaterThan(at)
  })

  it('begins the file list when every other volume is on the disk, with its name', () => {
    const all = namings()
    expect(all.map(({ name }) => name.includes('.dlist.'))).toEqual([...all.slice(1).map(() => false), true])
    const listBegins = effects.findIndex(({ path }) => path === all.at(-1)?.from)
    for (const { at } of all.slice(0, -1)) expect(folderSynced(at)).toBeLessThan(listBegins)
  })

  /** Where the folder is brought to the disk after that place. */
  function folderSynced(after: number): number {
    return effects.findIndex(({ kind, path }, at) => at > after && kind === 'fsync' && path === place.backup)
  }

  it.each(['create', 'link', 'fsync'] as const)(
    'is never ahead of what its index says, nor behind what it confirmed: killed before each %s',
    async (kind) => {
      const steps = effects.filter((effect) => effect.kind === kind).length
      for (let at = 1; at <= steps; at += kind === 'fsync' ? 4 : 1) {
        await expectKnown({ how: 'kill-before', at, kinds: [kind] })
      }
    },
  )

  async function expectKnown(harm: Harm): Promise<void> {
    const harmed = scene.place('empty')
    const run = await runUnderShim(scene.backupArgs(harmed, 1), { folder: harmed.folder, harm })
    expect(run.exitCode).toBeUndefined()
    // The last call was not made.
    const done = run.effects.slice(0, -1)
    const rows = new Map(volumesOf(harmed).map((row) => [row.name, row]))
    for (const name of sentNames(done, harmed)) {
      expect(rows.get(name)?.state, `${name}, whose upload began`).toMatch(/^upload(ing|ed)$|^verified$/)
      expect(rows.get(name)?.sha256).toBeDefined()
    }
    for (const { name, state } of rows.values()) {
      if (confirmed.has(state)) expect(isOnDisk(name, done, harmed), `${name} is ${state}`).toBe(true)
    }
    harmed.remove()
  }
})

function volumesOf(place: Place): VolumeRow[] {
  const index = openIndex(place.index)
  try {
    return index.volumes.all()
  } finally {
    index.close()
  }
}

/** Final names of the volumes that have a temporary file at the destination. */
function sentNames(effects: readonly Effect[], place: Place): string[] {
  const created = effects.filter(({ kind, path }) => kind === 'create' && path.startsWith(`${place.backup}/`))
  return created.map(({ path }) => basename(path).replace(/^tmp-x[0-9a-f]{8}-/, ''))
}

/** True if the volume got its name and its folder was brought to the disk afterwards. */
function isOnDisk(name: string, effects: readonly Effect[], place: Place): boolean {
  const named = effects.findIndex(({ to }) => to === join(place.backup, name))
  return (
    named >= 0 && effects.slice(named).some(({ kind, path }) => kind === 'fsync' && path === place.backup)
  )
}

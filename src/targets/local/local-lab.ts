// A folder of this machine as a lab of the conformance suite: for the tests of the adapter, and for those that give
// it a special folder (a small disk, another user's).
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TargetLab } from '../suite.ts'
import { LocalTarget } from './local-target.ts'

/** A lab in a new folder below `parent`, which by default is where temporary files go. */
export async function localLab(parent: string = tmpdir()): Promise<TargetLab & { readonly folder: string }> {
  const home = await mkdtemp(join(parent, 'pullback-test-'))
  const folder = join(home, 'backup')
  await mkdir(folder)
  return {
    folder,
    connect: () => new LocalTarget({ folder }),
    plant: async (name, bytes, modifiedMs) => {
      await writeFile(join(folder, name), bytes)
      if (modifiedMs !== undefined) await utimes(join(folder, name), modifiedMs / 1000, modifiedMs / 1000)
    },
    plantFolder: (name) => mkdir(join(folder, name)),
    names: () => readdir(folder),
    remove: () => rm(folder, { recursive: true }),
    dispose: () => rm(home, { recursive: true }),
  }
}

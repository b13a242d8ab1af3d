// What the operations of the kill table work on: two small trees, and backups that hold none, one and two versions of
// them, made once. Every step of the table gets a copy.
import { spawnSync } from 'node:child_process'
import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describeTree, type DescribedEntry } from '../describe-tree.ts'
import { checkBackup } from '../strict-checker/check-backup.ts'
import { contentOf } from '../trees.ts'
import { runHere, type CommandRun } from './run-here.ts'

/** How many versions a backup holds. */
export type State = 0 | 1 | 2
export type TreeNumber = 1 | 2

/** Everything that a run reads or writes but for its source, in one folder. */
export class Place {
  readonly folder: string
  readonly backup: string
  readonly index: string
  readonly temp: string
  readonly out: string

  constructor(folder: string) {
    this.folder = folder
    this.backup = join(folder, 'backup')
    this.index = join(folder, 'index', 'index.sqlite')
    this.temp = join(folder, 'temp')
    this.out = join(folder, 'out')
  }

  /** A day goes by: what a killed run left in the folder for temporary files counts as forgotten. */
  age(): void {
    for (const name of readdirSync(this.temp)) utimesSync(join(this.temp, name), oldSeconds, oldSeconds)
  }

  /** With what the judges put beside it. */
  remove(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true })
  }
}

export interface KnownVersion {
  readonly timeMs: number
  readonly tree: TreeNumber
}

/** Old enough that no file counts as just changed. */
const oldSeconds = 1_000_000_000

export class Scene {
  readonly #folder: string
  readonly #trees: Record<TreeNumber, readonly DescribedEntry[]>
  /** Oldest first; a state has the first ones. */
  readonly versions: readonly KnownVersion[]

  private constructor(
    folder: string,
    trees: Record<TreeNumber, readonly DescribedEntry[]>,
    versions: readonly KnownVersion[],
  ) {
    this.#folder = folder
    this.#trees = trees
    this.versions = versions
  }

  /** Builds all of it in an empty folder. */
  static async build(folder: string): Promise<Scene> {
    const versions: KnownVersion[] = []
    for (const tree of [1, 2] as const) makeTree(join(folder, `tree ${tree}`), tree)
    const trees = { 1: describeTree(join(folder, 'tree 1')), 2: describeTree(join(folder, 'tree 2')) }
    const scene = new Scene(folder, trees, versions)
    mkdirSync(join(folder, 'state 0', 'temp'), { recursive: true })
    for (const tree of [1, 2] as const) {
      const place = new Place(join(folder, `state ${tree}`))
      copy(join(folder, `state ${tree - 1}`), place.folder)
      const made = await runHere(scene.backupArgs(place, tree))
      if (made.exitCode !== 0) throw new Error(`backup ${tree} of the scene: ${made.text}`)
      const { versions: found } = await checkBackup(place.backup, { written: 'pullback' })
      versions.push({ timeMs: found.at(-1)?.timeMs ?? 0, tree })
    }
    return scene
  }

  /** A copy of a state, to be harmed; in a new folder, unless one is named. */
  place(state: State, folder = mkdtempSync(join(this.#folder, 'copy-'))): Place {
    const place = new Place(join(folder, 'place'))
    copy(join(this.#folder, `state ${state}`), place.folder)
    return place
  }

  tree(number: TreeNumber): readonly DescribedEntry[] {
    return this.#trees[number]
  }

  backupArgs(place: Place, tree: TreeNumber, index = place.index): string[] {
    return [
      'backup',
      place.backup,
      `@/home/ana|${join(this.#folder, `tree ${tree}`)}`,
      `--dbpath=${index}`,
      `--tempdir=${place.temp}`,
      // Deriving keys would take most of the time, and changes nothing of the order.
      '--no-encryption',
      '--blocksize=64kb',
      '--dblock-size=1mb',
    ]
  }

  /** Deletes all versions but the newest. */
  deleteArgs(place: Place): string[] {
    const files = [`--dbpath=${place.index}`, `--tempdir=${place.temp}`]
    return ['delete', place.backup, ...files, '--no-encryption', '--keep-versions=1']
  }

  /** Restores the version of this number, 0 the newest, over whatever is there. */
  restoreArgs(place: Place, version: number, out = place.out): string[] {
    const folders = [`--restore-path=${out}`, `--tempdir=${place.temp}`]
    return ['restore', place.backup, ...folders, `--version=${version}`, '--no-encryption', '--overwrite']
  }

  run(args: readonly string[]): Promise<CommandRun> {
    return runHere(args)
  }
}

function copy(from: string, to: string): void {
  const copied = spawnSync('cp', ['-a', '--', from, to], { encoding: 'utf8' })
  if (copied.status !== 0) throw new Error(`cp: ${copied.stderr}`)
}

/** A file that needs two volumes, and one of every other kind; the second tree has some of it changed. */
function makeTree(folder: string, number: TreeNumber): void {
  mkdirSync(join(folder, 'folder', 'empty folder'), { recursive: true })
  writeFileSync(join(folder, 'many blocks'), contentOf('many', 1_200_000))
  writeFileSync(join(folder, 'changing'), contentOf(`changing ${number}`, 70_000 + number))
  writeFileSync(join(folder, 'folder', `only in ${number}`), contentOf(`only ${number}`, 3000))
  writeFileSync(join(folder, 'folder', 'empty'), '')
  symlinkSync(`target ${number}`, join(folder, 'link'))
  for (const { path, type } of describeTree(folder).toReversed()) {
    const set = type === 'link' ? lutimesSync : utimesSync
    set(join(folder, path), oldSeconds, oldSeconds + (path === 'changing' ? number : 0))
  }
}

// What the operations of the kill table work on: three small trees, and backups of them in states that a run may find,
// made once. Every step of the table gets a copy.
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
import { openIndex } from '../../../src/index-db/open-index.ts'
import { describeTree, type DescribedEntry } from '../describe-tree.ts'
import { checkBackup } from '../strict-checker/check-backup.ts'
import { contentOf } from '../trees.ts'
import { runHere, type CommandRun } from './run-here.ts'

/** One and two: so many versions. Marked: compacted, and what is not needed any more may go. */
export type State = 'empty' | 'one' | 'two' | 'index lost' | 'wasteful' | 'marked'
/** Four and five: two and one without what is purged. */
export type TreeNumber = 1 | 2 | 3 | 4 | 5

/** What a version of a tree is, purged. */
export const purgedTree: Readonly<Partial<Record<TreeNumber, TreeNumber>>> = { 1: 5, 2: 4 }

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

  /** A day goes by for what was marked to be deleted, too. */
  makeDue(): void {
    const index = openIndex(this.index)
    try {
      index.database.prepare("UPDATE volume SET not_before_ms = 0 WHERE state = 'deleting'").run()
    } finally {
      index.close()
    }
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

const purgedName = 'changing'

export class Scene {
  readonly #folder: string
  readonly #trees: Record<TreeNumber, readonly DescribedEntry[]>
  readonly #held = new Map<State, readonly KnownVersion[]>()

  private constructor(folder: string, trees: Record<TreeNumber, readonly DescribedEntry[]>) {
    this.#folder = folder
    this.#trees = trees
  }

  /** Builds all of it in an empty folder. */
  static async build(folder: string): Promise<Scene> {
    for (const tree of [1, 2, 3] as const) makeTree(join(folder, `tree ${tree}`), tree)
    for (const tree of [1, 2] as const) {
      const without = join(folder, `tree ${purgedTree[tree]}`)
      copy(join(folder, `tree ${tree}`), without)
      rmSync(join(without, purgedName))
      utimesSync(without, oldSeconds, oldSeconds)
    }
    const described = (tree: TreeNumber): readonly DescribedEntry[] =>
      describeTree(join(folder, `tree ${tree}`))
    const trees = { 1: described(1), 2: described(2), 3: described(3), 4: described(4), 5: described(5) }
    const scene = new Scene(folder, trees)
    mkdirSync(join(folder, 'empty', 'temp'), { recursive: true })
    await scene.#make('one', { from: 'empty', trees: [1] }, async (place) => scene.#backUp(place, 1))
    await scene.#make('two', { from: 'one', trees: [1, 2] }, async (place) => scene.#backUp(place, 2))
    await scene.#make('index lost', { from: 'two', trees: [1, 2] }, (place) => {
      rmSync(dirname(place.index), { recursive: true })
    })
    await scene.#make('wasteful', { from: 'two', trees: [3] }, async (place) => {
      await scene.#backUp(place, 3)
      await runWell([...scene.deleteArgs(place), '--confirm-removal', '--no-auto-compact'])
    })
    await scene.#make('marked', { from: 'wasteful', trees: [3] }, async (place) => {
      await runWell(scene.compactArgs(place))
      place.makeDue()
    })
    return scene
  }

  /** The versions of a state, oldest first. */
  held(state: State): readonly KnownVersion[] {
    return this.#held.get(state) ?? []
  }

  /** A copy of a state, to be harmed; in a new folder, unless one is named. */
  place(state: State, folder = mkdtempSync(join(this.#folder, 'copy-'))): Place {
    const place = new Place(join(folder, 'place'))
    copy(join(this.#folder, state), place.folder)
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

  purgeArgs(place: Place): string[] {
    const files = [`--dbpath=${place.index}`, `--tempdir=${place.temp}`, '--no-encryption']
    return ['purge', place.backup, `/home/ana/${purgedName}`, ...files]
  }

  /** Restores the version of this number, 0 the newest, over whatever is there. */
  restoreArgs(place: Place, version: number, out = place.out): string[] {
    const folders = [`--restore-path=${out}`, `--tempdir=${place.temp}`]
    return ['restore', place.backup, ...folders, `--version=${version}`, '--no-encryption', '--overwrite']
  }

  /** A volume is dropped, a wasteful one and two small ones are written anew; no waste is little enough to stay. */
  compactArgs(place: Place): string[] {
    const files = [`--dbpath=${place.index}`, `--tempdir=${place.temp}`, '--no-encryption']
    const rules = ['--dblock-size=1mb', '--threshold=0', '--small-file-size=500kb']
    return ['compact', place.backup, ...files, ...rules, '--small-file-max-count=1', '--delete-after=10m']
  }

  repairArgs(place: Place): string[] {
    return ['repair', place.backup, `--dbpath=${place.index}`, `--tempdir=${place.temp}`, '--no-encryption']
  }

  rebuildArgs(place: Place): string[] {
    return ['rebuild', place.backup, `--dbpath=${place.index}`, `--tempdir=${place.temp}`, '--no-encryption']
  }

  run(args: readonly string[]): Promise<CommandRun> {
    return runHere(args)
  }

  async #make(
    state: State,
    about: { readonly from: State; readonly trees: readonly TreeNumber[] },
    change: (place: Place) => Promise<void> | void,
  ): Promise<void> {
    const place = new Place(join(this.#folder, state))
    copy(join(this.#folder, about.from), place.folder)
    await change(place)
    const { versions } = await checkBackup(place.backup, { written: 'pullback' })
    const times = versions.map(({ timeMs }) => timeMs)
    const held = about.trees.map((tree, at) => ({ tree, timeMs: times[at] ?? 0 }))
    this.#held.set(state, held)
  }

  async #backUp(place: Place, tree: TreeNumber): Promise<void> {
    await runWell(this.backupArgs(place, tree))
  }
}

async function runWell(args: readonly string[]): Promise<void> {
  const { exitCode, text } = await runHere(args)
  if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${text}`)
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

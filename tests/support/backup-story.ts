// A backup of three versions whose past is known: what each version must come back as, and which volumes each run
// added. It is made once; each test does its harm to a copy.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { BackupSource } from '../../src/engine/backup/backup-job.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import { describeTree, type DescribedEntry } from './describe-tree.ts'
import { TestBackup, testBlocksize } from './run-engine.ts'
import { expectSameTree } from './same-tree.ts'
import { tempFolder } from './temp-folder.ts'
import { contentOf } from './trees.ts'

export interface StoryVersion {
  /** The tree as it was. */
  readonly entries: readonly DescribedEntry[]
  /** Names of the volumes that the run added: one of each kind. */
  readonly dblock: string
  readonly dindex: string
  readonly dlist: string
}

/** Long ago, so that no file counts as just changed. */
const oldSeconds = 1_000_000_000

export class BackupStory {
  readonly folder: string
  readonly tree: string
  readonly backup: TestBackup
  /** Oldest first. */
  readonly versions: readonly StoryVersion[]

  private constructor(folder: string, passphrase: string | undefined, versions: readonly StoryVersion[]) {
    this.folder = folder
    this.tree = join(folder, 'tree')
    this.backup = new TestBackup(folder, { passphrase })
    this.versions = versions
  }

  /**
   * Three runs in a folder that lives until the tests of the file are done. `apartMs`: the last one is now, each one
   * before it so much earlier; else all are now, and their versions lie seconds apart.
   */
  static async tell(folder: string, passphrase: string | undefined, apartMs = 0): Promise<BackupStory> {
    const versions: StoryVersion[] = []
    const story = new BackupStory(folder, passphrase, versions)
    for (const number of [1, 2, 3]) {
      story.change(number)
      const before = story.names()
      const earlierMs = (3 - number) * apartMs
      const clock = { ...systemClock, nowMs: () => systemClock.nowMs() - earlierMs }
      await story.backUp({ clock })
      const added = story.names().filter((name) => !before.includes(name))
      const one = (kind: string): string => {
        const [name, ...others] = added.filter((candidate) => candidate.includes(`.${kind}.`))
        expect(others).toEqual([])
        return name ?? expect.fail(`run ${number} added no ${kind}`)
      }
      const entries = describeTree(story.tree)
      versions.push({ entries, dblock: one('dblock'), dindex: one('dindex'), dlist: one('dlist') })
    }
    return story
  }

  /** The same story in a folder of its own, to be harmed. */
  copy(): BackupStory {
    const folder = join(tempFolder(), 'copy')
    expect(spawnSync('cp', ['-a', '--', this.folder, folder]).status).toBe(0)
    return new BackupStory(folder, this.backup.passphrase, this.versions)
  }

  /** The source, under the same path wherever the copy lies. */
  source(): BackupSource {
    return { source: new LocalSource({ path: this.tree }), mountPath: '/home/ana' }
  }

  backUp(options: Parameters<TestBackup['backUp']>[1] = {}): ReturnType<TestBackup['backUp']> {
    return this.backup.backUp([this.source()], options)
  }

  /** What each run is made of: a folder of new files, and one file that every run finds changed. */
  change(number: number): void {
    const folder = join(this.tree, `run ${number}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'one block'), contentOf(`one ${number}`, 700))
    writeFileSync(join(folder, 'many blocks'), contentOf(`many ${number}`, 40 * testBlocksize + 5))
    writeFileSync(join(folder, 'empty'), '')
    symlinkSync(`one block of ${number}`, join(folder, 'link'))
    writeFileSync(join(this.tree, 'changing'), contentOf(`changing ${number}`, 3000 + number))
    if (number === 3) rmSync(join(this.tree, 'run 1', 'one block'))
    for (const { path, type } of describeTree(this.tree)) {
      if (type === 'file') utimesSync(join(this.tree, path), oldSeconds, oldSeconds + number)
      if (type === 'link') lutimesSync(join(this.tree, path), oldSeconds, oldSeconds)
    }
    utimesSync(this.tree, oldSeconds, oldSeconds + number)
  }

  /** Names in the backup folder. */
  names(): string[] {
    return namesIn(this.backup.folder)
  }

  path(name: string): string {
    return join(this.backup.folder, name)
  }

  /** Every version, or those chosen by their place in `versions`, comes back byte for byte. */
  async expectVersions(chosen: readonly number[] = [0, 1, 2]): Promise<void> {
    for (const at of chosen) {
      const out = join(tempFolder(), 'out')
      const timeMs = timeOf(this.versions[at]?.dlist ?? '')
      const report = await this.backup.restore(out, { version: { atMs: timeMs } })
      expect(report).toMatchObject({ failed: [], version: { timeMs } })
      expectSameTree(this.versions[at]?.entries ?? [], out)
    }
  }
}

/** Names in a folder; none if it is not there. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** The time in the name of a dlist, in milliseconds since 1970. */
export function timeOf(dlist: string): number {
  const [, year, month, day, hour, minute, second] =
    /-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\./.exec(dlist) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

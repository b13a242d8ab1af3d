// Plays a story against the product and keeps the books: what the source holds, what every version held when it was
// first seen. After each step the strict checker reads the whole destination, and the books must agree with it.
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { isPullbackError } from '../../src/base/errors.ts'
import type { BackupSource } from '../../src/engine/backup/backup-job.ts'
import { retentionRules } from '../../src/engine/retention/retention-rules.ts'
import { selectionRules, usualSelection } from '../../src/engine/select/selection-rules.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { rebuildSetOf } from '../support/rebuild-set-of.ts'
import { namesIn } from '../support/backup-story.ts'
import { describeTree } from '../support/describe-tree.ts'
import { TestBackup, testBlocksize, testPassphrase, testSpace } from '../support/run-engine.ts'
import { expectSound } from '../support/strict-checker/check-backup.ts'
import { stopAfter } from '../support/stop-after.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contentOf } from '../support/trees.ts'

/** What a version holds: the hash of each file by its path below the root. */
type Holdings = Readonly<Record<string, string>>

const hourMs = 3_600_000
const startMs = Date.parse('2026-01-05T10:00:00Z')
const startNs = 1_700_000_000_000_000_000n
/** What both machines have in their trees, by the first part of the paths. */
const machines = ['machine', 'other'] as const
/** Left out by the run with a filter. */
const filtered = 'machine/folder/'
const clockNs = startNs + 10n ** 16n

export class StoryTeller {
  readonly backup = new TestBackup(tempFolder())
  readonly #trees = { machine: new MemoryTree({ clockNs }), other: new MemoryTree({ clockNs }) }
  /** By time; what was seen first is what it must be for ever. */
  readonly #versions = new Map<number, Holdings>()
  /** Every content that a path ever had. */
  readonly #history = new Map<string, Set<string>>()
  /** Of both sources, by path. */
  #now: Record<string, string> = {}
  /** Paths that were gone for a time since the last run that nothing disturbed. */
  readonly #wereGone = new Set<string>()
  /** What the last version held that was seen for the first time. */
  #newest: Holdings | undefined
  #hours = 0
  #changes = 0n
  #wasCutOff = false
  /** This run may delete versions; an earlier one might have begun to. */
  #mayGo = false
  #thinned = false

  /** Writes a file of so many blocks and a bit; 0 is an empty one. */
  write(path: string, seed: number, blocks: number): void {
    const content = contentOf(`${path} ${seed}`, blocks === 0 ? 0 : blocks * testBlocksize + (seed % 7))
    this.#changes += 1n
    const modifiedNs = startNs + this.#changes * 1_000_000_000n
    for (const other of Object.keys(this.#now)) {
      if (path.startsWith(`${other}/`) || other.startsWith(`${path}/`)) this.remove(other)
    }
    const { tree, below } = this.#placeOf(path)
    if (tree.find(below)?.kind === 'folder') tree.remove(below)
    tree.writeFile(below, content, { modifiedNs })
    const hash = createHash('sha256').update(content).digest('base64')
    this.#now = { ...this.#now, [path]: hash }
    this.#history.set(path, (this.#history.get(path) ?? new Set()).add(hash))
  }

  remove(path: string): void {
    if (!(path in this.#now)) return
    const { tree, below } = this.#placeOf(path)
    tree.remove(below)
    this.#wereGone.add(path)
    const { [path]: _removed, ...rest } = this.#now
    this.#now = rest
  }

  /** A run that nothing disturbs: afterwards the newest version is the tree. It may thin old versions. */
  async run(keep?: number): Promise<void> {
    this.#mayGo = keep !== undefined
    const report = await this.backup.backUp(this.#sources(), this.#options(thinning(keep)))
    expect(report).toMatchObject({ gaps: [], lostSources: [], stopped: false })
    const seen = await this.check()
    expect(seen.at(-1)?.holds).toEqual(this.#now)
    expect(seen.at(-1)?.isFull).toBe(true)
    this.#wereGone.clear()
  }

  /** As a run, with a filter: what it leaves out is not in the version. */
  async filteredRun(): Promise<void> {
    const filters = [{ kind: 'exclude', pattern: `/${filtered}` }] as const
    const rules = selectionRules({ ...usualSelection, filters })
    await this.backup.backUp(this.#sources(), this.#options({ rules }))
    const kept = Object.entries(this.#now).filter(([path]) => !path.startsWith(filtered))
    this.#newest = undefined
    const seen = await this.check()
    expect(seen.at(-1)).toMatchObject({ isFull: true })
    expect(seen.at(-1)?.holds).toEqual(Object.fromEntries(kept))
  }

  /** The second machine cannot be reached: of the first all is as it is, of the second as it was. */
  async runWithoutOther(): Promise<void> {
    this.#trees.other.plan('', 'disconnecting')
    const report = await this.backup.backUp(this.#sources(), this.#options({}))
    this.#trees.other.plan('', undefined)
    expect(report.lostSources).toHaveLength(1)
    expect(report.version?.isFull ?? false).toBe(false)
    const seen = await this.check()
    const ofMachine = (holds: Holdings): unknown =>
      Object.fromEntries(Object.entries(holds).filter(([path]) => path.startsWith('machine/')))
    expect(ofMachine(seen.at(-1)?.holds ?? {})).toEqual(ofMachine(this.#now))
  }

  /** Changes nothing at all. */
  async dryRun(): Promise<void> {
    const before = namesIn(this.backup.folder)
    const report = await this.backup.backUp(this.#sources(), this.#options({ dryRun: true }))
    expect(report).toMatchObject({ version: undefined, finishedMs: undefined })
    expect(namesIn(this.backup.folder)).toEqual(before)
  }

  /** A run whose destination fails once; it may end well all the same. */
  async failingRun(fault: Fault, keep?: number): Promise<void> {
    this.#mayGo = keep !== undefined
    const target = new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), [fault])
    await this.#mayFail(async () =>
      this.backup.backUp(this.#sources(), this.#options({ target, ...thinning(keep) })),
    )
  }

  /** A run that is stopped when it has dealt with so many entries, in order or at once. */
  async stoppedRun(after: number, inOrder: boolean): Promise<void> {
    const stop = stopAfter(after)
    const giveUp = inOrder ? new AbortController().signal : stop.signal
    await this.#mayFail(async () =>
      this.backup.backUp(this.#sources(), { ...this.#options({}), ...stop, giveUp }),
    )
  }

  /** The index is built anew, from wherever it was. */
  async rebuild(): Promise<void> {
    await this.#mayFail(async () => rebuildSetOf(this.backup))
  }

  loseIndex(): void {
    for (const end of ['', '-wal', '-shm']) rmSync(this.backup.indexPath + end, { force: true })
  }

  keepIndex(): void {
    if (existsSync(this.backup.indexPath)) copyFileSync(this.backup.indexPath, this.#keptIndex())
  }

  /** Puts back what was kept, as from a backup of the machine that runs this. */
  bringOldIndex(): void {
    if (!existsSync(this.#keptIndex())) return
    this.loseIndex()
    copyFileSync(this.#keptIndex(), this.backup.indexPath)
  }

  /** Every version that is there, oldest first: sound, and what it was when it was first seen. */
  async check(): Promise<{ timeMs: number; isFull: boolean; holds: Holdings }[]> {
    const holdings = new Map<string, Record<string, string>>()
    if (!existsSync(this.backup.folder)) return []
    const { versions } = await expectSound(this.backup.folder, {
      written: 'pullback',
      passphrase: testPassphrase,
      cutOff: this.#wasCutOff,
      eachEntry: ({ path, hash }, version) => {
        const holds = holdings.get(version) ?? {}
        holdings.set(version, hash === undefined ? holds : { ...holds, [path.slice(1)]: hash })
      },
    })
    this.#forgetGone(new Set(versions.map(({ timeMs }) => timeMs)))
    return versions.map(({ name, timeMs, full: isFull }) => {
      const holds = holdings.get(name) ?? {}
      this.#compare(timeMs, isFull, holds)
      return { timeMs, isFull, holds }
    })
  }

  /** Restores a version and looks at its files. */
  async restore(timeMs: number): Promise<void> {
    const out = join(tempFolder(), 'out')
    const { failed } = await this.backup.restore(out, { version: { atMs: timeMs }, keepWholePaths: true })
    expect(failed).toEqual([])
    const found = describeTree(out).filter(({ type }) => type === 'file')
    const holds = found.map(({ path, sha256 }) => [path, Buffer.from(sha256 ?? '', 'hex').toString('base64')])
    expect(Object.fromEntries(holds)).toEqual(this.#versions.get(timeMs))
  }

  /** Versions go only in a run that was told to thin them, or that finishes one which was. */
  #forgetGone(there: ReadonlySet<number>): void {
    for (const timeMs of this.#versions.keys()) {
      if (there.has(timeMs)) continue
      expect({ timeMs, mayGo: this.#mayGo || this.#thinned }).toEqual({ timeMs, mayGo: true })
      this.#versions.delete(timeMs)
    }
    this.#thinned ||= this.#mayGo
  }

  #compare(timeMs: number, isFull: boolean, holds: Holdings): void {
    const known = this.#versions.get(timeMs)
    if (known) {
      expect(holds).toEqual(known)
      return
    }
    this.#versions.set(timeMs, holds)
    for (const path of Object.keys(this.#newest ?? {})) {
      // What both the version before and the source have is in this one, however it came to be.
      const must = path in this.#now && !this.#wereGone.has(path)
      if (must) expect({ path, isIn: path in holds }).toEqual({ path, isIn: true })
    }
    this.#newest = holds
    if (isFull) return
    // A partial version mixes states of files, but never within one.
    for (const [path, hash] of Object.entries(holds)) {
      expect([path, this.#history.get(path)?.has(hash)]).toEqual([path, true])
    }
  }

  async #mayFail(run: () => Promise<unknown>): Promise<void> {
    this.#wasCutOff = true
    try {
      await run()
    } catch (error) {
      if (!isPullbackError(error)) throw error
    }
    await this.check()
  }

  #sources(): BackupSource[] {
    return machines.map((name) => ({ source: new MemorySource(this.#trees[name]), mountPath: `/${name}` }))
  }

  #placeOf(path: string): { tree: MemoryTree; below: string } {
    const machine = path.startsWith('other/') ? 'other' : 'machine'
    return { tree: this.#trees[machine], below: path.slice(machine.length + 1) }
  }

  #options(changes: object): { clock: Clock; changes: object } {
    this.#hours += 1
    const nowMs = startMs + this.#hours * hourMs
    const clock = { nowMs: () => nowMs, monotonicMs: () => 0 }
    return { clock, changes: { allowRemoval: true, dblockSizeBytes: 8 * testBlocksize, ...changes } }
  }

  #keptIndex(): string {
    return `${this.backup.indexPath}.kept`
  }
}

/** Keep so many versions, give space back at the first occasion, delete what has waited since the last run. */
function thinning(keepVersions: number | undefined): object {
  if (keepVersions === undefined) return {}
  const rules = retentionRules({ keepVersions, keepTime: undefined, retentionPolicy: undefined })
  const small = {
    dblockSizeBytes: 8 * testBlocksize,
    smallFileSizeBytes: 3 * testBlocksize,
    smallFileMaxCount: 3,
  }
  const space = {
    ...testSpace,
    rules: { thresholdPercent: 25, ...small },
    auto: true,
    deleteAfterMs: hourMs / 2,
  }
  return { retention: { rules, named: [], isConfirmed: true, timeZone: 'UTC', dryRun: false }, space }
}

// The life of a backup whose destination fails or lies: backups that thin and compact, checks, repairs and restores,
// each with faults drawn from a seed behind the layer that tries again, on a clock of the test. It keeps the books:
// after each step every version that was there must come back as it was when it was first seen.
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { isPullbackError, messageOf, type PullbackError } from '../../src/base/errors.ts'
import { systemRandomness } from '../../src/base/randomness.ts'
import type { BackupReport, BackupSource } from '../../src/engine/backup/backup-job.ts'
import { checkBackup, type CheckReport } from '../../src/engine/check/check-backup.ts'
import { repairBackup } from '../../src/engine/repair/repair-backup.ts'
import type { RestoreReport } from '../../src/engine/restore/restore-job.ts'
import { LocalSource } from '../../src/sources/local/local-source.ts'
import type { Fault } from '../../src/targets/around/fault.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { RetryingTarget } from '../../src/targets/around/retrying-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { seededNumbers } from '../../src/targets/suite/content.ts'
import type { Target, TargetFile } from '../../src/targets/target.ts'
import { namesIn, timeOf } from './backup-story.ts'
import { describeTree, type DescribedEntry } from './describe-tree.ts'
import { runContext, TestBackup, testBlocksize, testSpace } from './run-engine.ts'
import { everything } from './run-check.ts'
import { checkBackup as checkStrictly } from './strict-checker/check-backup.ts'
import { tempFolder } from './temp-folder.ts'
import { TestTime } from './test-time.ts'
import { treeDifferences } from './tree-differences.ts'
import { contentOf } from './trees.ts'

export type DrawFaults = (number: (bound: number) => number, seen: readonly TargetFile[]) => readonly Fault[]

interface Held {
  /** What it must come back as, for ever; undefined when that was never seen. */
  readonly entries: readonly DescribedEntry[] | undefined
  /** False: made while the destination kept other bytes than it was sent. Some of it may not come back. */
  readonly sure: boolean
}

interface Here {
  readonly target: Target
  readonly faulty: FaultyTarget
  readonly clock: TestTime
}

const startMs = Date.parse('2026-01-05T10:00:00Z')
const hourMs = 3_600_000
const dblockSizeBytes = 8 * testBlocksize
const keptVersions = 3
/** Pauses before a try end at once; a silence lasts only while somebody is silent. */
const longestWaitMs = 20_000
const paths = ['a', 'b', 'folder/c', 'folder/d', 'folder/deeper/e', 'link', 'long']

/** What a dblock that is damaged, or a dindex that is and was written again, leaves beside it. */
const ofDamaged = /\.dindex\..*( describes a dblock that |: blocklist is not a block of any dblock)/

export class DestinationLife {
  readonly backup = new TestBackup(tempFolder(), { passphrase: undefined })
  readonly #number: (bound: number) => number
  readonly #draw: DrawFaults
  readonly #versions = new Map<number, Held>()
  /** The tree as it was at each run: a full version is one of them. */
  readonly #trees: (readonly DescribedEntry[])[] = []
  /** Every content that a path ever had. */
  readonly #history = new Set<string>()
  #hours = 0
  #mayGo = false
  /** The destination holds something else than it was sent, and nobody has read it since. */
  #spoiled = false
  #lied = false
  #seen: readonly TargetFile[] = []

  constructor(seed: number, draw: DrawFaults) {
    this.#number = seededNumbers(seed)
    this.#draw = draw
    for (let at = 0; at < 8; at += 1) this.#edit()
  }

  /** A first good run, then so many steps in which anything may go wrong. */
  async play(steps: number): Promise<void> {
    await this.#backUp([])
    for (let step = 0; step < steps; step += 1) {
      const faults = this.#draw(this.#number, this.#seen)
      const kind = this.#number(6)
      this.#seen = await Array.fromAsync(this.#here([]).target.list(new AbortController().signal))
      if (kind < 3) await this.#backUp(faults)
      else if (kind === 3) await this.#test(faults)
      else if (kind === 4) await this.#repair(faults)
      else await this.#restoreNewest(faults)
      await this.#judge((times) => [...times.slice(0, 1), ...times.filter((one) => !this.#versions.has(one))])
    }
  }

  /** The destination is sound again: one test and one run make good what can be made good. */
  async finish(): Promise<void> {
    await this.#test([])
    this.#edit()
    const report = await this.#backUp([])
    expect(report).toMatchObject({ gaps: [], lostSources: [], stopped: false, version: { isFull: true } })
    this.#spoiled = false
    this.#versions.set(report?.version?.timeMs ?? 0, { entries: this.#trees.at(-1), sure: true })
    await this.#judge()
  }

  /** What the strict checker finds wrong, but for what the product names itself, and what was made of lies. */
  async problems(): Promise<string[]> {
    const faulty = (await this.#test([]))?.faulty.map(({ name }) => name) ?? []
    const damaged = [...faulty, ...this.#damagedAndGoing()]
    const folder = this.backup.folder
    const unsure = namesIn(folder).filter((name) => this.#versions.get(timeOf(name))?.sure === false)
    const { problems } = await checkStrictly(folder, { written: 'pullback', ignore: damaged })
    const isKnown = (problem: string): boolean =>
      unsure.some((name) => problem.startsWith(name)) || ofDamaged.test(problem)
    return problems.filter((problem) => !this.#lied || !isKnown(problem))
  }

  /** What no version needs any more is not tested; it waits to be deleted as it is. */
  #damagedAndGoing(): string[] {
    const rows = this.backup.withIndex((index) => index.volumes.all())
    return rows
      .filter(({ state, damage }) => state === 'deleting' && damage !== undefined)
      .map(({ name }) => name)
  }

  async #backUp(faults: readonly Fault[]): Promise<BackupReport | undefined> {
    for (let edits = this.#number(4); edits >= 0; edits -= 1) this.#edit()
    this.#mayGo = true
    const entries = describeTree(this.#tree)
    this.#trees.push(entries)
    const report = await this.#mayEnd(faults, ({ target, clock }) =>
      this.backup.backUp([this.#source()], { clock, changes: { ...thinning(), target } }),
    )
    const { isFull, timeMs } = report?.version ?? {}
    if (isFull && timeMs !== undefined) this.#versions.set(timeMs, { entries, sure: !this.#spoiled })
    return report
  }

  async #test(faults: readonly Fault[]): Promise<CheckReport | undefined> {
    return this.#mayEnd(faults, async ({ target, clock }) => {
      const job = this.backup.job([], { target })
      return checkBackup({ ...job, plan: everything }, runContext({ clock }))
    })
  }

  async #repair(faults: readonly Fault[]): Promise<void> {
    await this.#mayEnd(faults, async ({ target, clock }) => {
      const job = this.backup.job([], { target })
      return repairBackup({ ...job, dryRun: false }, runContext({ clock }))
    })
  }

  /** Whatever it gives is right; what it does not give it names. */
  async #restoreNewest(faults: readonly Fault[]): Promise<void> {
    const [newestMs, held] = [...this.#versions].toSorted(([a], [b]) => b - a)[0] ?? []
    const out = join(tempFolder(), 'out')
    const report = await this.#mayEnd(faults, ({ target }) => this.backup.restore(out, { target }))
    if (report && report.version.timeMs === newestMs)
      expect(wrongIn(held && { ...held, sure: false }, report, out)).toEqual([])
  }

  async #mayEnd<T>(faults: readonly Fault[], run: (here: Here) => Promise<T>): Promise<T | undefined> {
    this.#hours += 1
    const here = this.#here(faults)
    try {
      return await run(here)
    } catch (error) {
      if (!isPullbackError(error) || faults.length === 0) throw error
      expectSentence(error)
      return undefined
    } finally {
      const { unused } = here.faulty.script
      const struck = faults.filter((fault) => !unused.includes(fault))
      this.#lied ||= struck.some(({ effect }) => !['error', 'hang', 'twice'].includes(effect))
      this.#lied ||= struck.some((fault) => 'code' in fault && fault.code === 'DestinationFileMissing')
      this.#spoiled ||= struck.some(({ verb, effect }) => verb === 'put' && isLie(effect))
    }
  }

  #here(faults: readonly Fault[]): Here {
    const faulty = new FaultyTarget(new LocalTarget({ folder: this.backup.folder }), faults)
    const passes = (pauseMs: number): boolean => pauseMs <= longestWaitMs || faulty.hanging > 0
    const clock = new TestTime({ startMs: startMs + this.#hours * hourMs, passes })
    const tries = { clock, pause: clock.pause, randomness: systemRandomness }
    return { faulty, clock, target: new RetryingTarget(faulty, tries) }
  }

  /** Versions, oldest first, restored from the destination as it is; a few of them while it goes on changing. */
  async #judge(chosen: (times: readonly number[]) => readonly number[] = (times) => times): Promise<void> {
    const times = namesIn(this.backup.folder)
      .filter((name) => name.includes('.dlist.'))
      .map(timeOf)
    this.#forgetGone(new Set(times))
    for (const timeMs of new Set(chosen(times))) {
      const held = this.#versions.get(timeMs)
      const out = join(tempFolder(), 'out')
      try {
        const report = await this.backup.restore(out, { version: { atMs: timeMs } })
        expect(report.version.timeMs).toBe(timeMs)
        if (held) expect({ timeMs, wrong: wrongIn(held, report, out) }).toEqual({ timeMs, wrong: [] })
        else this.#meet(timeMs, report, out)
      } catch (error) {
        if (!isPullbackError(error) || (held?.sure ?? !this.#spoiled)) throw error
        expect(error.kind).toBe('integrity')
        if (!held) this.#versions.set(timeMs, { entries: undefined, sure: false })
      } finally {
        rmSync(out, { recursive: true, force: true })
      }
    }
  }

  /** One that no report told of: full, it is a tree that was; partial, it mixes states, but none within a file. */
  #meet(timeMs: number, report: RestoreReport, out: string): void {
    const entries = describeTree(out)
    const sure = report.failed.length === 0 && !this.#spoiled
    if (!this.#spoiled) expect(report.failed).toEqual([])
    const isTree = this.#trees.some((tree) => treeDifferences(tree, entries).length === 0)
    if (report.version.isFull && sure) expect({ timeMs, isTree }).toEqual({ timeMs, isTree: true })
    for (const entry of entries) {
      if (entry.type === 'file') expect([...this.#history]).toContain(pastOf(entry))
    }
    // What fails now may come back when the next run stores it anew.
    const seen = report.failed.length === 0 ? entries : undefined
    this.#versions.set(timeMs, { entries: seen, sure })
  }

  /** A version goes only in a run that thins, and only if as many newer ones stay as are to be kept. */
  #forgetGone(there: ReadonlySet<number>): void {
    for (const timeMs of this.#versions.keys()) {
      if (there.has(timeMs)) continue
      const newer = [...there].filter((other) => other > timeMs).length
      expect({ timeMs, newer: this.#mayGo && newer >= keptVersions }).toEqual({ timeMs, newer: true })
      this.#versions.delete(timeMs)
    }
  }

  #edit(): void {
    const path = paths[this.#number(paths.length)] ?? 'a'
    const file = join(this.#tree, path)
    const content = `${this.#hours} ${this.#number(1000)}`
    mkdirSync(dirname(file), { recursive: true })
    rmSync(file, { force: true })
    if (path === 'link') return symlinkSync(content, file)
    if (this.#number(8) === 0) return
    const blocks = path === 'long' ? 20 : this.#number(5)
    writeFileSync(file, contentOf(`${path} ${content}`, blocks * testBlocksize + this.#number(3)))
    utimesSync(file, 1_000_000_000, 1_000_000_000 + this.#hours * 1000 + this.#number(1000))
    for (const entry of describeTree(this.#tree)) {
      if (entry.type === 'file') this.#history.add(pastOf(entry))
    }
  }

  #source(): BackupSource {
    return { source: new LocalSource({ path: this.#tree }), mountPath: '/home/ana' }
  }

  get #tree(): string {
    return join(dirname(this.backup.folder), 'tree')
  }
}

/** Without an error, other bytes come to lie at the destination than were sent. */
function isLie(effect: Fault['effect']): boolean {
  return effect === 'truncate' || effect === 'wrong-byte'
}

/** Differences, but for what a version that was made of lies may lack and names. */
function wrongIn(held: Held | undefined, report: RestoreReport, out: string): string[] {
  if (!held?.entries) return []
  if (held.sure) expect(report.failed).toEqual([])
  const lost = new Set(report.failed.map(({ path }) => path.slice('/home/ana/'.length)))
  const expected = held.entries.filter(({ path }) => !lost.has(Buffer.from(path, 'latin1').toString()))
  return treeDifferences(expected, out)
}

function pastOf({ path, sha256 }: DescribedEntry): string {
  return `${path} ${createHash('sha256').update('').digest('hex') === sha256 ? 'empty' : sha256}`
}

function expectSentence(error: PullbackError): void {
  expect(error.what).toMatch(/\S/)
  expect(messageOf(error)).toMatch(/\S/)
}

/** Keep a few versions, give space back at the first occasion, delete what has waited since the last run. */
function thinning(): object {
  const rules = { keepVersions: keptVersions, keepTime: undefined, frames: [] }
  const small = { dblockSizeBytes, smallFileSizeBytes: 3 * testBlocksize, smallFileMaxCount: 3 }
  const space = { ...testSpace, rules: { thresholdPercent: 25, ...small }, auto: true, deleteAfterMs: 1000 }
  const retention = { rules, named: [], isConfirmed: true, timeZone: 'UTC', dryRun: false }
  return { retention, space, allowRemoval: true, dblockSizeBytes }
}

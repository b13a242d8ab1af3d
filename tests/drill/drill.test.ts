// A drill tells the truth about a backup: what came back is proven, what did not is named, and nothing but the history
// of drills is written anywhere.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Randomness } from '../../src/base/randomness.ts'
import { outcomeOfDrill } from '../../src/cli/exit-code.ts'
import { drillHistoryText, drillText } from '../../src/cli/reports/drill-text.ts'
import type { BackupSource } from '../../src/engine/backup/backup-job.ts'
import { appendToHistory, readHistory } from '../../src/engine/drill/drill-history.ts'
import type { DrillJob, DrillReport } from '../../src/engine/drill/drill-job.ts'
import { runDrill } from '../../src/engine/drill/run-drill.ts'
import { MemorySource } from '../../src/sources/memory/memory-source.ts'
import { MemoryTree } from '../../src/sources/memory/memory-tree.ts'
import { FaultyTarget } from '../../src/targets/around/faulty-target.ts'
import { LocalTarget } from '../../src/targets/local/local-target.ts'
import { keyLogin, sourceAt, sshdHere } from '../ssh/ssh-lab.ts'
import { describeTree } from '../support/describe-tree.ts'
import { flip } from '../support/run-check.ts'
import { localSource, runContext, TestBackup } from '../support/run-engine.ts'
import { sshdInstalled } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { awkwardTree, contentOf } from '../support/trees.ts'

const oldSeconds = 1_000_000_000
const brief = { elapsedMs: 0, full: false }

interface Drilled {
  readonly folder: string
  readonly tree: string
  readonly backup: TestBackup
}

function here(): Drilled {
  const folder = tempFolder()
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  return { folder, tree, backup: new TestBackup(folder) }
}

/** Twelve files of one to three blocks. */
function fill(tree: string): void {
  for (let at = 0; at < 12; at += 1) {
    const path = join(tree, `folder ${at % 3}`, `f${at}`)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, contentOf(`f${at}`, 300 * (at + 1)))
    utimesSync(path, oldSeconds, oldSeconds + at)
  }
}

async function drilled(
  { backup }: Drilled,
  sources: readonly BackupSource[],
  changes: Partial<DrillJob> & { readonly randomness?: Randomness } = {},
): Promise<DrillReport> {
  const { randomness, ...rest } = changes
  const target = new FaultyTarget(new LocalTarget({ folder: backup.folder }), [
    { verb: 'put', effect: 'error', at: 'before', code: 'DestinationPermission' },
    { verb: 'delete', effect: 'error', at: 'before', code: 'DestinationPermission' },
  ])
  await target.open({ create: false }, new AbortController().signal)
  const usual = { version: { number: 0 }, files: 10, bytes: 1 << 30, seed: undefined, ...rest }
  const run = runContext({})
  try {
    const job = { ...backup.job([]), target, sources, ...usual }
    return await runDrill(job, randomness ? { ...run, randomness } : run)
  } finally {
    await target.close()
  }
}

function verdicts(report: DrillReport, root: string): Record<string, string> {
  return Object.fromEntries(report.files.map(({ path, verdict }) => [path.slice(root.length + 1), verdict]))
}

/** All but the history, and the times of the folder that it lies in. */
function everything(folder: string): unknown[] {
  return describeTree(folder).filter(({ path }) => !/^(index|temp)?$|\.drills\.jsonl$/.test(path))
}

const kinds = [
  { name: 'a local source', isThere: true, source: (tree: string) => Promise.resolve(localSource(tree)) },
  {
    name: 'a source over SSH',
    isThere: sshdInstalled(),
    source: async (path: string) => {
      const sshd = await sshdHere()
      const at = { port: sshd.port, user: sshd.user, path, options: keyLogin(sshd) }
      return { source: sourceAt(at), mountPath: path }
    },
  },
]

describe.each(kinds)('a drill with $name', ({ isThere, source }) => {
  it.skipIf(!isThere)('proves every awkward file, and leaves nothing behind but its record', async () => {
    const made = here()
    awkwardTree(made.tree)
    await made.backup.backUp([await source(made.tree)])
    await made.backup.check()
    const before = everything(made.folder)
    const report = await drilled(made, [await source(made.tree)], { files: 10_000 })
    expect(report.files.filter(({ verdict }) => verdict !== 'proven')).toEqual([])
    expect(report.counts.proven).toBe(report.drawnFrom)
    expect(report.drawnFrom).toBeGreaterThan(60)
    expect(report).toMatchObject({ tooLarge: 0, lostSources: [], warnings: [] })
    expect(outcomeOfDrill(report)).toBe('success')
    expect(everything(made.folder)).toEqual(before)
    expect(readdirSync(made.backup.tempFolder)).toEqual([])
  })

  it.skipIf(!isThere)('tells what changed since from what changed without a sign', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp([await source(made.tree)])
    const at = (name: string): string => join(made.tree, name)
    appendFileSync(at('folder 0/f0'), 'more')
    writeFileSync(at('folder 1/f1'), contentOf('other', 600))
    utimesSync(at('folder 2/f2'), oldSeconds + 99, oldSeconds + 99)
    rmSync(at('folder 0/f3'))
    writeFileSync(at('folder 1/f4'), contentOf('other', 1500))
    utimesSync(at('folder 1/f4'), oldSeconds, oldSeconds + 4)
    const report = await drilled(made, [await source(made.tree)], { files: 12 })
    const rest = [5, 6, 7, 8, 9, 10, 11].map((one) => [`folder ${one % 3}/f${one}`, 'proven'])
    expect(verdicts(report, made.tree)).toEqual({
      'folder 0/f0': 'changed',
      'folder 1/f1': 'changed',
      'folder 2/f2': 'proven',
      'folder 0/f3': 'gone',
      'folder 1/f4': 'differs',
      ...Object.fromEntries(rest),
    })
    expect(outcomeOfDrill(report)).toBe('errors')
    expect(drillText(report, brief)).toContain(`ALARM: one file did not pass.`)
    expect(drillText(report, brief)).toContain(`${made.tree}/folder 1/f4 (1.5 KiB)`)
  })
})

describe('a drill', () => {
  it('draws by the randomness that it is handed, shows the seed, and draws the same again by it', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    const randomness = { bytes: (count: number) => Buffer.alloc(count, 0xab) }
    const sources = [localSource(made.tree)]
    const first = await drilled(made, sources, { files: 4, randomness })
    expect(first).toMatchObject({ seed: 'abababab', drawnFrom: 12, files: { length: 4 } })
    const again = await drilled(made, sources, { files: 4, seed: 'abababab' })
    expect(again.files).toEqual(first.files)
    const little = await drilled(made, sources, { bytes: 700, seed: 'abababab' })
    expect(little).toMatchObject({ drawnFrom: 2, tooLarge: 10 })
    expect(little.bytes).toBeLessThanOrEqual(700)
    await expect(drilled(made, sources, { bytes: 100 })).rejects.toMatchObject({ code: 'NothingMatches' })
    expect(drillText(first, brief)).toMatch(/Seed +abababab\n/)
  })

  it('names what does not come back, with a damaged or a lost volume', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    const [dblock = ''] = readdirSync(made.backup.folder).filter((name) => name.includes('.dblock.'))
    const path = join(made.backup.folder, dblock)
    for (const harm of [() => flip(path, 0.5), () => rmSync(path)]) {
      harm()
      const report = await drilled(made, [localSource(made.tree)], { files: 12 })
      expect(report.counts).toMatchObject({ lost: 12, proven: 0 })
      expect(outcomeOfDrill(report)).toBe('errors')
      expect(drillText(report, brief)).toContain('ALARM: 12 files did not pass.')
      expect(readHistory(made.backup.indexPath)[0]).toMatchObject({ alarms: 12, proven: 0 })
    }
  })

  it('believes no index: it needs none, and one that lies changes nothing', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    made.backup.withIndex((index) => index.database.execute("UPDATE entry SET hash = x'00', size_bytes = 1"))
    const lied = await drilled(made, [localSource(made.tree)])
    expect(lied.counts.proven).toBe(10)
    rmSync(join(made.folder, 'index'), { recursive: true })
    const without = await drilled(made, [localSource(made.tree)])
    expect(without.counts.proven).toBe(10)
    expect(existsSync(made.backup.indexPath)).toBe(false)
  })

  it('takes an older version, and only files of the sources that are named', async () => {
    const made = here()
    fill(made.tree)
    const other = join(made.folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'x'), 'x')
    const both = [localSource(made.tree), localSource(other)]
    await made.backup.backUp(both)
    rmSync(join(made.tree, 'folder 1'), { recursive: true })
    const later = { nowMs: () => Date.now() + 5000, monotonicMs: () => performance.now() }
    await made.backup.backUp(both, { clock: later })
    const older = await drilled(made, [localSource(made.tree)], { version: { number: 1 }, files: 50 })
    expect(older.counts).toMatchObject({ proven: 8, gone: 4 })
    const one = await drilled(made, [localSource(other)], { files: 50 })
    expect(verdicts(one, other)).toEqual({ x: 'proven' })
    const file = { ...localSource(join(other, 'x')) }
    expect((await drilled(made, [file])).counts.proven).toBe(1)
    await expect(drilled(made, [localSource(join(made.folder, 'temp'))])).rejects.toMatchObject({
      code: 'NothingMatches',
    })
  })

  it('proves the restore where the source cannot be looked at, and says so', async () => {
    const made = here()
    const tree = new MemoryTree()
    for (const path of ['seen', 'hidden', 'shut/in/it', 'passing']) tree.writeFile(path, path)
    await made.backup.backUp([{ source: new MemorySource(tree), mountPath: '/m' }])
    tree.plan('hidden', 'unreadable')
    tree.plan('shut', 'unreadable')
    tree.plan('passing', 'vanishing')
    const report = await drilled(made, [{ source: new MemorySource(tree), mountPath: '/m' }])
    expect(verdicts(report, '/m')).toEqual({
      seen: 'proven',
      hidden: 'unseen',
      'shut/in/it': 'unseen',
      passing: 'gone',
    })
    expect(outcomeOfDrill(report)).toBe('warnings')
    expect(drillText(report, brief)).toContain('/m/hidden')
  })

  it('names a source that is lost, and fails when all are', async () => {
    const made = here()
    fill(made.tree)
    const other = join(made.folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'x'), 'x')
    const both = [localSource(made.tree), localSource(other)]
    await made.backup.backUp(both)
    renameSync(other, `${other} elsewhere`)
    const report = await drilled(made, both, { files: 50 })
    expect(report.lostSources).toMatchObject([{ label: other }])
    expect(report.counts).toMatchObject({ proven: 12, unseen: 1 })
    expect(outcomeOfDrill(report)).toBe('errors')
    await expect(drilled(made, [localSource(other)])).rejects.toMatchObject({ code: 'SourceMissing' })
    const tree = new MemoryTree()
    for (const path of ['a', 'b', 'c']) tree.writeFile(path, path)
    const machine = (): BackupSource => ({ source: new MemorySource(tree), mountPath: '/m' })
    const lines = new TestBackup(join(made.folder, 'lines'))
    await lines.backUp([machine()])
    tree.plan('b', 'disconnecting')
    const cut = await drilled({ ...made, backup: lines }, [machine()])
    expect(cut.counts.unseen + cut.counts.proven).toBe(3)
    expect(cut.lostSources).toHaveLength(1)
  })

  it('does not cry wolf over a file that changed in the very second of the version', async () => {
    const made = here()
    const now = Math.floor(Date.now() / 1000)
    const path = join(made.tree, 'hot')
    writeFileSync(path, 'first')
    utimesSync(path, now, now)
    await made.backup.backUp(made.tree)
    writeFileSync(path, 'other')
    utimesSync(path, now, now)
    expect(verdicts(await drilled(made, [localSource(made.tree)]), made.tree)).toEqual({ hot: 'changed' })
  })

  it('removes what a drill that was killed left, a day later', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    const [left, fresh] = ['pullback-drill-aaaaaa', 'pullback-drill-bbbbbb'].map((name) =>
      join(made.backup.tempFolder, name),
    )
    for (const folder of [left, fresh]) {
      mkdirSync(join(folder ?? '', 'deep'), { recursive: true })
      writeFileSync(join(folder ?? '', 'deep', 'secret'), 'plain')
    }
    utimesSync(left ?? '', oldSeconds, oldSeconds)
    await drilled(made, [localSource(made.tree)])
    expect(readdirSync(made.backup.tempFolder)).toEqual(['pullback-drill-bbbbbb'])
  })
})

describe('the history of drills', () => {
  const record = {
    atMs: 0,
    versionMs: 0,
    seed: 's',
    files: 10,
    bytes: 2048,
    proven: 9,
    changed: 1,
    unseen: 0,
    alarms: 0,
    alarmPaths: [],
  }

  it('survives the loss of the index, and a line that is damaged costs that line', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    const sources = [localSource(made.tree)]
    for (const seed of ['one', 'two', 'three']) await drilled(made, sources, { seed })
    rmSync(made.backup.indexPath)
    writeFileSync(made.backup.indexPath, 'no index')
    await made.backup.backUp(made.tree, { changes: { uploadUnchanged: true } })
    const seeds = (): string[] => readHistory(made.backup.indexPath).map(({ seed }) => seed)
    expect(seeds()).toEqual(['one', 'two', 'three'])
    const file = `${made.backup.indexPath}.drills.jsonl`
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const lines = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, [lines[0], '{"atMs": 1', 'null', lines[2]?.slice(0, 40)].join('\n'))
    expect(seeds()).toEqual(['one'])
    await drilled(made, sources, { seed: 'four' })
    expect(seeds()).toEqual(['one', 'four'])
  })

  it('keeps the newest thousand', () => {
    const indexPath = join(tempFolder(), 'new folder', 'index.sqlite')
    const warnings: string[] = []
    appendToHistory(indexPath, record, warnings)
    const line = JSON.stringify(record)
    writeFileSync(`${indexPath}.drills.jsonl`, `${line}\n`.repeat(1000))
    appendToHistory(indexPath, { ...record, seed: 'last' }, warnings)
    const records = readHistory(indexPath)
    expect(records).toHaveLength(1000)
    expect(records.at(-1)?.seed).toBe('last')
    expect(warnings).toEqual([])
  })

  it('is read by people newest first, with what did not pass', () => {
    const alarming = { ...record, alarms: 1, alarmPaths: ['/a\nb'], proven: 8 }
    const lines = drillHistoryText([alarming, record]).split('\n')
    expect(lines[0]).toContain('10 files, 2.0 KiB\tALARM 1, 8 proven, 1 changed since')
    expect(lines[1]).toBe('  /a\\nb')
    expect(lines[2]).toContain('\t9 proven, 1 changed since')
  })

  it('that cannot be written is a warning, and the drill stands', async () => {
    const made = here()
    fill(made.tree)
    await made.backup.backUp(made.tree)
    mkdirSync(`${made.backup.indexPath}.drills.jsonl.new`)
    const report = await drilled(made, [localSource(made.tree)])
    expect(report.counts.proven).toBe(10)
    expect(report.warnings).toEqual([expect.stringContaining('history of drills')])
  })
})

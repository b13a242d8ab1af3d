// A drill: the proof that a backup comes back, by doing it. Files of a version are drawn by chance, restored from the
// destination alone as a restore does it (no index is believed, every block is fetched and hashed), and compared byte
// for byte with the source as it is now. Nothing is written to the destination or to a source; the restored copies lie
// in a private folder and go with the drill. What it has shown is kept beside the index.
import { lstatSync } from 'node:fs'
import { PullbackError } from '../../base/errors.ts'
import { randomHex } from '../../base/randomness.ts'
import { unknownTime, type DlistEntry } from '../../format/dlist/dlist-entry.ts'
import { splitRestorePath } from '../../format/path-safety.ts'
import { textToName } from '../../format/path-text.ts'
import { fileDamaged, hashFile } from '../restore/placed-file.ts'
import { runRestore } from '../restore/run-restore.ts'
import { withVersion } from '../restore/stream/open-version.ts'
import { TargetTree } from '../restore/target-tree.ts'
import type { RunContext } from '../run-context.ts'
import { withVolume } from '../volumes/fetch-volume.ts'
import { isFullVersion, readFileList } from '../volumes/read-file-list.ts'
import { withDrillFolder } from './drill-folder.ts'
import { appendToHistory } from './drill-history.ts'
import type { DrilledFile, DrillJob, DrillReport, DrillVerdict } from './drill-job.ts'
import { DrawnFiles } from './drawn-files.ts'
import { isUnder, LiveFiles, type LiveContent } from './live-files.ts'

interface Draw {
  readonly timeMs: number
  readonly isFull: boolean
  readonly seed: string
  readonly from: DrawnFiles
}

interface RestoredFile {
  readonly hash: Buffer
  readonly modifiedNs: bigint
}

const seedBytes = 4
const nsPerSecond = 1_000_000_000n
/** A restored time went through a number of seconds, which holds some 240 ns. */
const timeToleranceNs = 1000n
/** What changed so shortly before a version was made may have changed again without its time showing it. */
const racyMs = 2000
const maxAlarmPaths = 20

/** Fails with `NothingMatches` if there is nothing to draw, or with the error of a source if each of them is lost. */
export async function runDrill(job: DrillJob, run: RunContext): Promise<DrillReport> {
  const draw = await drawFiles(job, run)
  const drawn = draw.from.drawn()
  if (drawn.length === 0) throw nothingToDraw(draw.from, job)
  const warnings: string[] = []
  const live = new LiveFiles(job.sources, run)
  try {
    await live.find(drawn.map(({ path }) => path))
    const about = { parent: job.tempFolder, clock: run.clock, warnings }
    const files = await withDrillFolder(about, (folder) => drill({ job, run, draw, live, folder, warnings }))
    const report = reportOf(draw, files, { lostSources: live.lostSources, warnings })
    keep(report, { job, run, warnings })
    return report
  } finally {
    await live.close()
  }
}

async function drawFiles(job: DrillJob, run: RunContext): Promise<Draw> {
  const seed = job.seed ?? randomHex(run.randomness, seedBytes)
  const from = new DrawnFiles({ seed, files: job.files, bytes: job.bytes })
  return withVersion(job, run, async ({ dlist, fetching }) => {
    run.progress.phase = 'reading the file list'
    return withVolume(fetching, dlist, async (open) => {
      for await (const batch of readFileList(open)) {
        for (const entry of batch) {
          if (entry.kind === 'File' && job.sources.some((one) => isUnder(one, entry.path))) from.offer(entry)
        }
      }
      return { timeMs: dlist.timeMs, isFull: isFullVersion(open), seed, from }
    })
  })
}

function nothingToDraw({ tooLarge }: DrawnFiles, { sources }: DrillJob): PullbackError {
  const labels = sources.map(({ source }) => source.label).join(', ')
  return new PullbackError('NothingMatches', {
    what:
      tooLarge > 0
        ? `each of the ${tooLarge} files of the version is larger than what may be restored`
        : `the version holds no file of ${labels}`,
    advice: tooLarge > 0 ? 'Allow more with --drill-size.' : 'Name the sources as the backup command does.',
  })
}

interface Drill {
  readonly job: DrillJob
  readonly run: RunContext
  readonly draw: Draw
  readonly live: LiveFiles
  /** To restore into. */
  readonly folder: string
  readonly warnings: string[]
}

async function drill({ job, run, draw, live, folder, warnings }: Drill): Promise<DrilledFile[]> {
  const drawn = draw.from.drawn()
  const { target, prefix, passphrase, tempFolder } = job
  const place = { restorePath: folder, keepWholePaths: true, overwrite: false, restoreDamaged: false }
  const usual = { patterns: [], restorePermissions: false, skipMetadata: false, dryRun: false }
  const exactly = new Set(drawn.map(({ path }) => path))
  const version = { atMs: draw.timeMs }
  const set = { target, prefix, passphrase, tempFolder }
  const restored = await runRestore({ ...set, ...place, ...usual, version, exactly }, run)
  warnings.push(...restored.warnings)
  const failed = new Map(restored.failed.map(({ path, error }) => [path, error]))
  run.progress.phase = 'comparing files'
  const files: DrilledFile[] = []
  const tree = new TargetTree(folder, { make: false })
  try {
    for (const entry of drawn) {
      const { path, sizeBytes } = entry
      const copy = failed.get(path) ?? restoredFile(tree, entry)
      if (copy instanceof PullbackError) files.push({ path, sizeBytes, verdict: 'lost', error: copy })
      else files.push({ path, sizeBytes, ...verdictOf(entry, copy, { draw, there: await live.read(path) }) })
    }
  } finally {
    tree.close()
  }
  return files
}

/** Looked at again as it lies on the disk, by what the file list says of it. */
function restoredFile(tree: TargetTree, entry: DlistEntry): RestoredFile | PullbackError {
  const split = splitRestorePath(entry.path)
  const names = split.safe ? split.parts.map(textToName) : []
  const name = names.pop()
  if (!name) return fileDamaged(entry.path)
  const path = tree.atExisting(names, name)
  const { hash, sizeBytes } = hashFile(path)
  if (sizeBytes !== entry.sizeBytes || !hash.equals(entry.hash ?? hash)) return fileDamaged(entry.path)
  return { hash, modifiedNs: lstatSync(path, { bigint: true }).mtimeNs }
}

function verdictOf(
  entry: DlistEntry,
  copy: RestoredFile,
  { draw, there }: { draw: Draw; there: LiveContent | PullbackError | undefined },
): Pick<DrilledFile, 'verdict' | 'error'> {
  if (!there) return { verdict: 'gone' }
  if (there instanceof PullbackError) return { verdict: 'unseen', error: there }
  if (there.hash.equals(copy.hash)) return { verdict: 'proven' }
  const isSame = there.sizeBytes === entry.sizeBytes && hasSameTime(entry, copy, there)
  const couldTell = entry.modifiedSeconds * 1000 <= draw.timeMs - racyMs
  return { verdict: isSame && couldTell ? 'differs' : 'changed' }
}

/** The list has whole seconds, the restored copy more where its disk holds more. */
function hasSameTime({ modifiedSeconds }: DlistEntry, copy: RestoredFile, there: LiveContent): boolean {
  const apartNs = there.modifiedNs - copy.modifiedNs
  const isExact = -timeToleranceNs <= apartNs && apartNs <= timeToleranceNs
  if (modifiedSeconds === unknownTime) return isExact
  const beyondNs = there.modifiedNs - BigInt(modifiedSeconds) * nsPerSecond
  const isSameSecond = beyondNs >= 0n && beyondNs < nsPerSecond
  return isSameSecond && (isExact || copy.modifiedNs % nsPerSecond === 0n)
}

function reportOf(
  { timeMs, isFull, seed, from }: Draw,
  files: readonly DrilledFile[],
  rest: Pick<DrillReport, 'lostSources' | 'warnings'>,
): DrillReport {
  const counts: Record<DrillVerdict, number> = {
    proven: 0,
    changed: 0,
    gone: 0,
    unseen: 0,
    differs: 0,
    lost: 0,
  }
  let bytes = 0
  for (const { verdict, sizeBytes } of files) {
    counts[verdict] += 1
    bytes += sizeBytes
  }
  const { count: drawnFrom, tooLarge } = from
  return { version: { timeMs, isFull }, seed, drawnFrom, tooLarge, files, bytes, counts, ...rest }
}

function keep(report: DrillReport, to: { job: DrillJob; run: RunContext; warnings: string[] }): void {
  const { job, run, warnings } = to
  const { version, seed, files, bytes, counts } = report
  const alarming = files.filter(({ verdict }) => verdict === 'differs' || verdict === 'lost')
  const record = {
    atMs: run.clock.nowMs(),
    versionMs: version.timeMs,
    seed,
    files: files.length,
    bytes,
    proven: counts.proven,
    changed: counts.changed + counts.gone,
    unseen: counts.unseen,
    alarms: alarming.length,
    alarmPaths: alarming.slice(0, maxAlarmPaths).map(({ path }) => path),
  }
  appendToHistory(job.indexPath, record, warnings)
}

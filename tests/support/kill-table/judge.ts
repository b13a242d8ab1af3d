// What must hold after harm came to a run, and after the same command ran again. Everything that does not is said in a
// sentence; none means that the step was survived.
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { compareTrees, describeTree, type DescribedEntry } from '../describe-tree.ts'
import { checkBackup, type BackupReport } from '../strict-checker/check-backup.ts'
import { treeDifferences } from '../tree-differences.ts'
import { indexDifferences } from './index-differences.ts'
import type { Operation } from './operations.ts'
import { purgedTree, type KnownVersion, type Place, type Scene, type TreeNumber } from './scene.ts'

export interface Step {
  readonly scene: Scene
  readonly operation: Operation
  readonly place: Place
}

/** A name that only a run on its way may use. */
const temporaryName = /^tmp-x|^\.?pullback-|^fetched-|-journal$|-wal$|-shm$/

/** Whatever was there before the harm is there as it was, and nothing half done has a name of its own. */
export async function judgeHarmed(step: Step): Promise<string[]> {
  const { place } = step
  if (!existsSync(place.backup)) return step.operation.from === 'empty' ? [] : ['the backup is gone']
  const report = await checked(step, { cutOff: true })
  const earlier = await (isPurge(step) ? purgedVersions(step, report) : missingVersions(step, report))
  return [...report.problems, ...earlier, ...halfRestored(step)]
}

/** The command did what it is for: its version or its tree is there and right, as are all versions before. */
export async function judgeDone(step: Step): Promise<string[]> {
  const { makes } = step.operation
  if ('restored' in makes) return restoredDifferences(step, makes.restored)
  const report = await checked(step, { cutOff: true })
  return [...report.problems, ...(await wrongVersions(step, report))]
}

/** After the command ran again: it is done, nothing is left over, and the index is what a new one would be. */
export async function judgeFinished(step: Step): Promise<string[]> {
  const { scene, place, operation } = step
  const { makes } = operation
  const untidy = operation.tidies ? await tidied(step) : []
  const left = [...leftovers(place), ...untidy]
  if ('restored' in makes) return [...left, ...restoredDifferences(step, makes.restored)]
  const report = await checked(step, { cutOff: false })
  const versions = await wrongVersions(step, report)
  return [
    ...left,
    ...report.problems,
    ...versions,
    ...waste(step, report),
    ...(await indexDifferences(scene, place, newestTree(step))),
  ]
}

/** What the newest version holds when the operation is done. */
export function newestTree({ scene, operation: { makes, from } }: Step): TreeNumber {
  if ('version' in makes) return makes.version
  const held = scene.held(from).at(-1)?.tree ?? 1
  return 'purged' in makes ? (purgedTree[held] ?? held) : held
}

function isPurge({ operation: { makes } }: Step): boolean {
  return 'purged' in makes
}

/** Once more, when all that was marked may go; the backup after it finds that it is gone. */
async function tidied(step: Step): Promise<string[]> {
  const { scene, place } = step
  place.makeDue()
  const runs = [scene.compactArgs(place), scene.backupArgs(place, newestTree(step))]
  const wrong: string[] = []
  for (const args of runs) {
    const { exitCode, text } = await scene.run(args)
    if (exitCode > 1) wrong.push(`${args[0]}, later, ends with ${exitCode}: ${text}`)
  }
  return wrong
}

function waste({ operation }: Step, { blocks }: BackupReport): string[] {
  const { unused, duplicates } = blocks
  if (!operation.tidies || unused + duplicates === 0) return []
  return [`${unused} blocks that no version needs and ${duplicates} copies of others are left`]
}

async function checked({ place }: Step, { cutOff }: { readonly cutOff: boolean }): Promise<BackupReport> {
  const ignore = readdirSync(place.backup).filter((name) => cutOff && temporaryName.test(name))
  return checkBackup(place.backup, { written: 'pullback', cutOff, ignore })
}

/** The versions of the state that the operation does not take away. */
function remaining({ scene, operation: { from, makes } }: Step): readonly KnownVersion[] {
  return scene.held(from).slice('gone' in makes ? makes.gone : 0)
}

/** They are there, and each comes back byte for byte. */
async function missingVersions(step: Step, report: BackupReport): Promise<string[]> {
  const wrong: string[] = []
  for (const { timeMs, tree } of remaining(step)) {
    const at = report.versions.findIndex((version) => version.timeMs === timeMs)
    if (at < 0) wrong.push(`the version of ${new Date(timeMs).toISOString()} is gone`)
    else wrong.push(...(await restoredWrong(step, { number: report.versions.length - 1 - at, tree })))
  }
  return wrong
}

/** All versions: those from before, the one that the operation makes, and partial ones that a cut-off run may leave. */
async function wrongVersions(step: Step, report: BackupReport): Promise<string[]> {
  const { operation } = step
  if (isPurge(step)) return purgedVersions(step, report, { isDone: true })
  const wrong = await missingVersions(step, report)
  const added = report.versions.slice(remaining(step).length)
  if ('gone' in operation.makes && added.length > 0) wrong.push(`${added.length} versions too many are there`)
  if ('version' in operation.makes && added.filter(({ full }) => full).length !== 1)
    wrong.push(`the run made ${added.filter(({ full }) => full).length} full versions, not one`)
  for (const [at, { full }] of added.entries()) {
    const tree = full && 'version' in operation.makes ? operation.makes.version : undefined
    wrong.push(...(await restoredWrong(step, { number: added.length - 1 - at, tree })))
  }
  return wrong
}

/**
 * Each version, which has another time when it is purged, is there as it was or without what is purged; on the way it
 * may be there as both. When all is done only the second is.
 */
async function purgedVersions(
  step: Step,
  report: BackupReport,
  { isDone } = { isDone: false },
): Promise<string[]> {
  const wrong: string[] = []
  const found: (TreeNumber | undefined)[] = []
  const held = remaining(step).map(({ tree }) => [tree, purgedTree[tree] ?? tree] as const)
  for (const at of report.versions.keys()) {
    let tree: TreeNumber | undefined
    for (const known of held.flat()) {
      const number = report.versions.length - 1 - at
      if ((await restoredWrong(step, { number, tree: known })).length === 0) tree = known
    }
    if (tree === undefined) wrong.push(`version ${at} from the oldest is neither as it was nor purged`)
    found.push(tree)
  }
  for (const [whole, purged] of held)
    if (!found.includes(whole) && !found.includes(purged)) wrong.push(`the version of tree ${whole} is gone`)
  const expected = held.map(([, purged]) => purged)
  if (isDone && found.join() !== expected.join())
    wrong.push(`the versions are of the trees ${found.join()}, not ${expected.join()}`)
  return wrong
}

/** A partial version has no tree to be compared with: it comes back without a fault. */
async function restoredWrong(
  { scene, place }: Step,
  version: { readonly number: number; readonly tree: TreeNumber | undefined },
): Promise<string[]> {
  const out = mkdtempSync(join(place.folder, '..', 'version-'))
  const { exitCode, text } = await scene.run(scene.restoreArgs(place, version.number, out))
  if (exitCode !== 0) return [`version ${version.number} does not come back: ${text}`]
  return version.tree === undefined ? [] : treeDifferences(scene.tree(version.tree), out)
}

/** In the folder restored into, whatever has its own name is whole. */
function halfRestored({ scene, place, operation: { makes } }: Step): string[] {
  if (!('restored' in makes) || !existsSync(place.out)) return []
  const files = (entries: readonly DescribedEntry[]): DescribedEntry[] =>
    entries.filter(({ path, type }) => type !== 'folder' && !isTemporary(path))
  const there = files(describeTree(place.out))
  const paths = new Set(there.map(({ path }) => path))
  const expected = files(scene.tree(makes.restored)).filter(({ path }) => paths.has(path))
  return compareTrees(expected, there, { ignore: ['mtimeNs', 'mode'] })
}

/** What a restore that was killed left there, the one after it has removed. */
function restoredDifferences({ scene, place }: Step, tree: TreeNumber): string[] {
  return treeDifferences(scene.tree(tree), place.out)
}

function leftovers({ folder }: Place): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(isTemporary).map((name) => `${name} was left over`)
}

function isTemporary(path: string): boolean {
  return temporaryName.test(path.split('/').at(-1) ?? '')
}

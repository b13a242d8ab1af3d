// Pullback beside its peers: the same trees, the same sources, the same steps, one after the other in one run, so that
// the ratios hold although the machine is noisy. Prints Markdown, writes results.json, and ends with 1 if a bar that
// could be judged was missed. `npm run bench -- --data=small,tree,big --src=local,rtt0,rtt20 --peers=restic,borg,ours
// --scale=1 --seed=7 --dir=FOLDER --ours=COMMAND`; all of them can be left out. How it grows is told by
// `npm run bench -- --data=10k,100k,volumes --src=local --peers=ours`; `1m` is a million files, and takes 20 GB.
// `npm run bench -- --levels` is what each level of compression costs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sshdInstalled } from '../tests/support/sshd-lab.ts'
import { judge } from './bench/bars.ts'
import type { DataSet } from './bench/data-sets.ts'
import { levelTable } from './bench/levels.ts'
import { freshFolder } from './demo/fresh-folder.ts'
import { MeasuredCommands, type Cost } from './bench/measured-command.ts'
import { benchOptions, type BenchOptions } from './bench/options.ts'
import { installedVersion, type PeerName, type Step } from './bench/peers.ts'
import { costText, machineText, reportText } from './bench/report.ts'
import { runRow, type Row } from './bench/run-row.ts'

const project = join(import.meta.dirname, '..')
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)))

try {
  const options = readOptions()
  process.exitCode = options === undefined ? 2 : (await bench(options)) ? 0 : 1
} catch (error) {
  if (!stop.signal.aborted) throw error
  console.error('Stopped.')
  process.exitCode = 130
}

/** True if no bar was missed. */
async function bench(options: BenchOptions): Promise<boolean> {
  const { folder, levels } = options
  mkdirSync(folder, { recursive: true })
  const commands = new MeasuredCommands(folder, stop.signal)
  const work = join(folder, 'work')
  freshFolder(work)
  try {
    if (!levels) return await compare(options, commands)
    console.log(await levelTable({ ...options, commands }))
    return true
  } finally {
    freshFolder(work)
  }
}

async function compare(options: BenchOptions, commands: MeasuredCommands): Promise<boolean> {
  const { folder, data, sources, peers, ...given } = options
  const programs = peers.filter((peer) => isInstalled(peer, given.ours))
  const reachable = sources.filter((source) => source === 'local' || sshdInstalled())
  const conditions = `${machineText()}; seed ${given.seed}, scale ${given.scale}`
  console.error(conditions)
  const rows: Row[] = []
  for (const cell of combinations({ data, sources: reachable, programs })) {
    const name = `${cell.data} ${cell.source} ${cell.peer}`
    const progress = (step: Step, cost: Cost): void => console.error(`${name} ${step}: ${costText(cost)}`)
    const row = await runRow({ folder, ...given, commands, signal: stop.signal, progress }, cell)
    if (row.failure !== undefined) console.error(`${name} ${row.failure}`)
    rows.push(row)
    // After each row: a long run that is broken off has its figures so far.
    writeFileSync(join(folder, 'results.json'), JSON.stringify({ conditions, ...given, rows }, null, 2))
  }
  const verdicts = judge(rows, given.scale)
  console.log(reportText({ conditions, rows, verdicts }))
  return verdicts.every(({ passed }) => passed)
}

function* combinations(of: {
  readonly data: readonly DataSet[]
  readonly sources: readonly string[]
  readonly programs: readonly PeerName[]
}): Iterable<Pick<Row, 'data' | 'source' | 'peer'>> {
  for (const data of of.data)
    for (const source of of.sources) for (const peer of of.programs) yield { data, source, peer }
}

/** Ours is never skipped: that it does not run is a result. */
function isInstalled(peer: PeerName, ours: readonly string[]): boolean {
  const version = installedVersion(peer, ours)
  if (version === undefined && peer === 'ours') return true
  console.error(version ?? `${peer} skipped: not installed`)
  return version !== undefined
}

function readOptions(): BenchOptions | undefined {
  try {
    return benchOptions(process.argv.slice(2), project)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return undefined
  }
}

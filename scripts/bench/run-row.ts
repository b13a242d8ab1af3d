// One row of the table: one program, one tree, one kind of source, all steps in their order. What it makes stays until
// the last row is measured: ext4 looks at every inode that was freed in the last seconds whenever it makes a file, so
// that whoever comes after a row that is being removed takes up to 0.5 ms longer for each file (measured).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freshFolder } from '../demo/fresh-folder.ts'
import { changeTree, dataSets, sizeOf, type DataSet } from './data-sets.ts'
import type { Command, Cost, MeasuredCommands } from './measured-command.ts'
import { peers, steps, type Peer, type PeerName, type Step } from './peers.ts'
import { openSource, type Source } from './source.ts'

export interface Row {
  readonly data: DataSet
  readonly source: string
  readonly peer: PeerName
  readonly files: number
  readonly bytes: number
  readonly costs: Readonly<Partial<Record<Step, Cost>>>
  /** After the first backup. */
  readonly repositoryBytes?: number
  /** The step that failed and why; the steps after it were not run. */
  readonly failure?: string
}

export interface Bench {
  readonly folder: string
  readonly seed: number
  readonly scale: number
  /** The command line under test. */
  readonly ours: readonly string[]
  readonly commands: MeasuredCommands
  readonly signal: AbortSignal
  /** Told at the end of each step. */
  readonly progress: (step: Step, cost: Cost) => void
}

/** What a program does wrong is told in the row; fails if the signal is aborted. */
export async function runRow(bench: Bench, cell: Pick<Row, 'data' | 'source' | 'peer'>): Promise<Row> {
  const { folder, seed, commands } = bench
  const work = join(folder, 'work', `${cell.data}-${cell.source}-${cell.peer}`)
  const tree = join(work, 'tree')
  const restored = join(work, 'restored')
  const caches = join(work, 'caches')
  const repository = join(work, 'repository')
  freshFolder(work)
  for (const made of [tree, restored, caches]) mkdirSync(made)
  dataSets[cell.data](tree, bench)
  const size = sizeOf(tree)
  const peer = peers[cell.peer]({
    repository,
    caches,
    ours: bench.ours,
    backupOptions: backupOptions(cell.data),
  })
  const costs: Partial<Record<Step, Cost>> = {}
  let repositoryBytes: number | undefined
  let step: Step = 'first'
  let failure: string | undefined
  try {
    await using source = await openSource(cell.source, { tree, folder, commands })
    if (peer.create) await commands.run(peer.create)
    for (step of steps) {
      if (step === 'changed') changeTree(tree, seed)
      const command = await commandOf(step, { peer, source, restored })
      if (!command) continue
      // What was written before is not for this step to wait for.
      await commands.run({ program: 'sync', args: [] })
      const cost = await commands.run(command)
      costs[step] = cost
      repositoryBytes ??= sizeOf(repository).bytes
      bench.progress(step, cost)
    }
    await commands.run({ program: 'diff', args: ['-rq', '--no-dereference', tree, restored] })
  } catch (error) {
    bench.signal.throwIfAborted()
    failure = `${step}: ${error instanceof Error ? error.message : String(error)}`
  }
  return {
    ...cell,
    ...size,
    costs,
    ...(repositoryBytes === undefined ? {} : { repositoryBytes }),
    ...(failure === undefined ? {} : { failure }),
  }
}

async function commandOf(
  step: Step,
  { peer, source, restored }: { peer: Peer; source: Source; restored: string },
): Promise<Command | undefined> {
  if (step === 'restore') return peer.restore(restored)
  if (step === 'list') return peer.list
  const place = peer.native ? source.address : await source.mount()
  return step === 'rebuild' ? peer.rebuild?.(place) : peer.backup(step, place)
}

/** What makes a thousand volumes of the set that is named for it. */
function backupOptions(data: DataSet): readonly string[] {
  return data === 'volumes' ? ['--dblock-size=1mb'] : []
}

// The options of `npm run bench`, which reach it behind `--`: each is a list or a number with a default that takes
// minutes rather than hours.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dataSets, type DataSet } from './data-sets.ts'
import { peerNames, type PeerName } from './peers.ts'
import { roundTripMs } from './source.ts'

export interface BenchOptions {
  readonly data: readonly DataSet[]
  /** `local`, or `rtt` and a delay in milliseconds. */
  readonly sources: readonly string[]
  readonly peers: readonly PeerName[]
  readonly scale: number
  readonly seed: number
  /** Everything that is made lies here. */
  readonly folder: string
  readonly ours: readonly string[]
  /** Instead of all that: what each level of compression costs. */
  readonly levels: boolean
}

/** Fails with a sentence for the user. */
export function benchOptions(args: readonly string[], project: string): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: 'small' },
      src: { type: 'string', default: 'local,rtt20' },
      peers: { type: 'string', default: 'restic,ours' },
      scale: { type: 'string', default: '1' },
      seed: { type: 'string', default: '7' },
      dir: { type: 'string', default: join(project, 'bench-output') },
      levels: { type: 'boolean', default: false },
      ours: { type: 'string', default: join(project, 'pullback') },
    },
  })
  const scale = Number(values.scale)
  if (!(scale > 0)) throw new Error(`--scale=${values.scale}: expected a number above 0`)
  const seed = Number(values.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed=${values.seed}: expected a whole number`)
  return {
    data: namesIn('data', values.data, (name) => Object.hasOwn(dataSets, name)) as DataSet[],
    sources: namesIn('src', values.src, (name) => name === 'local' || roundTripMs(name) !== undefined),
    peers: namesIn('peers', values.peers, (name) => peerNames.some((known) => known === name)) as PeerName[],
    scale,
    seed,
    folder: resolve(values.dir),
    levels: values.levels,
    ours: values.ours.split(' ').filter(Boolean),
  }
}

function namesIn(option: string, list: string, known: (name: string) => boolean): string[] {
  const names = list.split(',').filter(Boolean)
  const unknown = names.find((name) => !known(name))
  if (unknown !== undefined) throw new Error(`--${option}=${list}: there is no ${JSON.stringify(unknown)}`)
  if (names.length === 0) throw new Error(`--${option} names nothing`)
  return names
}

// Runs the command line in a process of its own under the shim: what it did to files comes back in the order in which
// it did it, and at a chosen step harm can be done to it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shimLibrary } from './shim-library.ts'

export type EffectKind =
  | 'write'
  | 'create'
  | 'fsync'
  | 'link'
  | 'rename'
  | 'unlink'
  | 'truncate'
  | 'mkdir'
  | 'symlink'

/** One call that changes files; folders are unlinked too. */
export interface Effect {
  readonly kind: EffectKind
  readonly path: string
  /** The new name, of a link or a rename. */
  readonly to: string | undefined
}

export interface Harm {
  readonly how: 'kill-before' | 'kill-after' | 'fail-once' | 'fail-from' | 'power-cut'
  /** The call it comes to, counted from 1 among those of the kinds. */
  readonly at: number
  /** All, unless they are named. */
  readonly kinds?: readonly EffectKind[]
  /** What a call fails with. */
  readonly errorNumber?: number
  /** A path on the file system that loses its power. */
  readonly disk?: string
}

export interface ShimmedRun {
  /** Undefined if the process was killed. */
  readonly exitCode: number | undefined
  /** True if it did not end by itself within its time. */
  readonly hung: boolean
  readonly out: string
  readonly err: string
  readonly effects: readonly Effect[]
}

interface Watched {
  /** Only what is done below this folder counts. */
  readonly folder: string
  readonly harm?: Harm
  /** Goes in front of the command, such as strace with its options. */
  readonly wrapper?: readonly string[]
}

/** A hundred times what such a run takes. */
const timeLimitMs = 60_000
const project = join(import.meta.dirname, '../../..')

/** Runs `pullback` with these arguments. */
export async function runUnderShim(args: readonly string[], watched: Watched): Promise<ShimmedRun> {
  const notes = mkdtempSync(join(tmpdir(), 'pullback-shim-'))
  try {
    const trace = join(notes, 'trace')
    const ended = await run(args, watched, shimSettings(watched, trace))
    return { ...ended, effects: readTrace(trace) }
  } finally {
    rmSync(notes, { recursive: true })
  }
}

function shimSettings({ folder, harm }: Watched, trace: string): Record<string, string> {
  return {
    LD_PRELOAD: shimLibrary(),
    SHIM_WATCH: `${folder}/`,
    SHIM_TRACE: trace,
    SHIM_KINDS: harm?.kinds?.join(',') ?? '',
    SHIM_AT: String(harm?.at ?? 0),
    SHIM_HARM: harm?.how ?? '',
    SHIM_ERRNO: String(harm?.errorNumber ?? 0),
    SHIM_DISK: harm?.disk ?? '',
  }
}

function run(
  args: readonly string[],
  { wrapper = [] }: Watched,
  shim: Record<string, string>,
): Promise<Omit<ShimmedRun, 'effects'>> {
  // The process itself, without the shell of the launcher, which would be counted too.
  const assignments = Object.entries(shim).map(([name, value]) => `${name}=${value}`)
  const node = [process.execPath, '--max-semi-space-size=2', join(project, 'src/main.ts'), ...args]
  const [command = '', ...rest] = [...wrapper, 'env', ...assignments, ...node]
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(project, 'node_modules/.cache/node'),
      MALLOC_ARENA_MAX: '1',
      // Work that io_uring does is not seen by the shim.
      UV_USE_IO_URING: '0',
    },
    timeout: timeLimitMs,
    killSignal: 'SIGABRT',
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes))
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const text = { out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
      resolve({ exitCode: code ?? undefined, hung: signal === 'SIGABRT', ...text })
    })
  })
}

function readTrace(path: string): Effect[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const [kind = '', first = '', to] = line.split('\t')
    return { kind: kind as EffectKind, path: first, to }
  })
}

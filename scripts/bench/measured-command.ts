// Runs a program to its end under GNU time, which asks the kernel what it used: all its threads, and every child that
// it waited for. Node itself is told nothing of that about its children.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const gnuTime = '/usr/bin/time'
/** A peer that reads over a slow line may never come to its end; ours takes a thousandth of this. */
const runLimitMs = 1_500_000
const shownOutputBytes = 400

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly folder?: string
  /** Exit codes that mean it did its work; 0 if left out. */
  readonly goodExits?: readonly number[]
}

export interface Cost {
  readonly wallSeconds: number
  /** Of all threads and children, in user and in kernel mode. */
  readonly cpuSeconds: number
  /** Of the largest process. */
  readonly peakMib: number
}

export class MeasuredCommands {
  readonly #output: string
  readonly #usage: string
  readonly #signal: AbortSignal

  /** Keeps two small files in `folder`. Once `signal` is aborted the program that runs is killed, with its children. */
  constructor(folder: string, signal: AbortSignal) {
    if (!existsSync(gnuTime)) throw new Error(`${gnuTime} is missing (Debian: time)`)
    this.#output = join(folder, 'last-output.txt')
    this.#usage = join(folder, 'last-usage.txt')
    this.#signal = signal
  }

  /** Fails with the end of what the program said if its exit is not a good one, and when it takes too long. */
  async run(command: Command): Promise<Cost> {
    const { program, args, goodExits = [0] } = command
    const limit = AbortSignal.any([this.#signal, AbortSignal.timeout(runLimitMs)])
    const code = await this.#exitCode(command, limit)
    this.#signal.throwIfAborted()
    if (limit.aborted) throw new Error(`over ${runLimitMs / 1000} s`)
    if (code === null || !goodExits.includes(code)) {
      const said = readFileSync(this.#output, 'utf8').trim().slice(-shownOutputBytes)
      throw new Error(`${[program, ...args.slice(0, 1)].join(' ')} ended with exit code ${code}: ${said}`)
    }
    // With another exit than 0 a sentence on it comes first.
    const usage = readFileSync(this.#usage, 'utf8').trim().split('\n').at(-1) ?? ''
    const [wallSeconds = 0, user = 0, kernel = 0, peakKib = 0] = usage.split(' ').map(Number)
    return { wallSeconds, cpuSeconds: user + kernel, peakMib: peakKib / 1024 }
  }

  async #exitCode(command: Command, limit: AbortSignal): Promise<number | null> {
    limit.throwIfAborted()
    const output = openSync(this.#output, 'w')
    const child = spawn(
      gnuTime,
      ['--format=%e %U %S %M', `--output=${this.#usage}`, '--', command.program, ...command.args],
      {
        cwd: command.folder,
        env: { ...process.env, ...command.env },
        stdio: ['ignore', output, output],
        // Its own process group, which is what can be killed whole.
        detached: true,
      },
    )
    closeSync(output)
    const exit = once(child, 'exit') as Promise<[number | null]>
    const kill = (): void => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    }
    limit.addEventListener('abort', kill)
    try {
      const [code] = await exit
      return code
    } finally {
      limit.removeEventListener('abort', kill)
    }
  }
}

// Runs a command of the command line inside this process: the same door, without the time that a process takes.
import { tmpdir } from 'node:os'
import { systemClock } from '../../../src/base/clock.ts'
import { systemRandomness } from '../../../src/base/randomness.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import { allAdapters } from '../../../src/wire/adapters.ts'

export interface CommandRun {
  readonly exitCode: number
  /** What it printed, to both sides. */
  readonly text: string
}

/** Only faults of the program itself are thrown. */
export async function runHere(args: readonly string[]): Promise<CommandRun> {
  const tools = { clock: systemClock, randomness: systemRandomness }
  const printed: string[] = []
  const print = (text: string): void => void printed.push(text)
  const exitCode = await runCli(args, {
    world: {
      ...tools,
      signal: new AbortController().signal,
      adapters: allAdapters(tools),
      tempFolder: tmpdir(),
      indexFolder: tmpdir(),
      appVersion: 'test',
    },
    terminal: {
      out: print,
      write: () => Promise.reject(new Error('no command of the table prints bytes')),
      err: { write: print, isTerminal: false, columns: () => 80 },
      keyboard: undefined,
    },
    environment: {},
  })
  return { exitCode, text: printed.join('') }
}

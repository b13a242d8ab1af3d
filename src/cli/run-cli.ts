// The door of the command line: reads what was typed, runs the use case, prints what came of it, and gives the exit
// code. Everything it touches is handed in.
import { neverAborted } from '../base/abort.ts'
import { assert } from '../base/assert.ts'
import { isPullbackError, type PullbackError } from '../base/errors.ts'
import { english as words } from '../text/english.ts'
import { causeText, errorSentences } from '../text/error-text.ts'
import { Progress, type WriteBytes } from '../usecases/reports.ts'
import type { World } from '../usecases/world.ts'
import { askPassphrase, type Keyboard } from './ask-passphrase.ts'
import { commandsFor } from './commands/all.ts'
import { needsPassphrase } from './commands/backup-place.ts'
import type { Command, CommandLine, Surroundings } from './commands/command.ts'
import { parseCommandLine } from './command-line.ts'
import { outcomeOfError, outcomes } from './exit-code.ts'
import { ProgressLine, type Screen } from './progress-line.ts'
import { jsonText } from './report-json.ts'

export interface Terminal {
  readonly out: (text: string) => void
  /** The same for bytes. */
  readonly write: WriteBytes
  /** Where progress and errors go. */
  readonly err: Screen
  /** Undefined where nobody can be asked. */
  readonly keyboard: Keyboard | undefined
}

export interface Shell {
  readonly world: Omit<World, 'progress' | 'giveUp'>
  readonly terminal: Terminal
  readonly environment: Surroundings['environment']
}

/** Runs one command and returns its exit code. Only faults of Pullback itself are thrown. */
export async function runCli(argv: readonly string[], shell: Shell): Promise<number> {
  const { terminal, world } = shell
  const commands = await commandsFor(argv[0])
  let line: CommandLine | string
  try {
    line = parseCommandLine(argv, { appVersion: world.appVersion, commands })
  } catch (error) {
    if (!isPullbackError(error)) throw error
    return tellError(error, { terminal, json: argv.some((word) => /^--json(=|$)/i.test(word)) })
  }
  if (typeof line !== 'string') {
    const { command: name } = line
    const command = commands.find((one) => one.name === name)
    assert(command, 'a command that was parsed is one of those it was parsed for')
    return runCommand(line, command, shell)
  }
  terminal.out(line)
  return outcomes[argv.length === 0 ? 'wrongArguments' : 'success'].exitCode
}

async function runCommand(line: CommandLine, command: Command, shell: Shell): Promise<number> {
  const { command: name, options } = line
  const { world } = shell
  const terminal = command.writesBytes?.(line) ? besideBytes(shell.terminal) : shell.terminal
  const json = options.has('json')
  const giveUp = command.endsInOrder ? neverAborted() : world.signal
  const startMs = world.clock.monotonicMs()
  try {
    const around = await surroundings(line, { command, shell })
    const result = await withProgress({ line, command }, shell, (progress) =>
      command.run(line, {
        world: { ...world, progress, giveUp },
        around,
        write: terminal.write,
        print: terminal.out,
      }),
    )
    const { outcome, report, text, errors } = result
    const shape = { elapsedMs: world.clock.monotonicMs() - startMs, full: options.has('full-result') }
    if (json) terminal.out(jsonText({ command: name, outcome, report }))
    else if (!options.has('quiet-console')) terminal.out(text(shape))
    else if (errors) terminal.err.write(errors(shape))
    return outcomes[outcome].exitCode
  } catch (error) {
    if (isPullbackError(error)) return tellError(error, { terminal, json, command: name })
    if (json) terminal.out(jsonText({ command: name, outcome: 'failed', error }))
    throw error
  }
}

/** Standard output is for the bytes: words go where errors go. */
function besideBytes(terminal: Terminal): Terminal {
  return { ...terminal, out: (text) => terminal.err.write(text) }
}

/** A passphrase that was asked for stands in like the one of the environment. */
async function surroundings(
  line: CommandLine,
  { command, shell }: { command: Command; shell: Shell },
): Promise<Surroundings> {
  const { terminal, world, environment } = shell
  const around = { environment, nowMs: world.clock.nowMs() }
  if (!command.asksPassphrase || !terminal.keyboard || !needsPassphrase(line, around)) return around
  const typed = await askPassphrase(terminal.keyboard, world.signal)
  return { ...around, environment: { ...environment, PASSPHRASE: typed } }
}

async function withProgress<T>(
  { line, command }: { readonly line: CommandLine; readonly command: Command },
  { world, terminal }: Shell,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new Progress()
  const isUnwanted = ['json', 'quiet-console', 'no-progress'].some((name) => line.options.has(name))
  if (isUnwanted || command.printsAsItGoes) return work(progress)
  const bar = new ProgressLine(progress, world.clock, terminal.err)
  bar.start()
  try {
    return await work(progress)
  } finally {
    bar.stop()
  }
}

function tellError(
  error: PullbackError,
  how: { readonly terminal: Terminal; readonly json: boolean; readonly command?: string },
): number {
  const { terminal, json, ...command } = how
  const outcome = outcomeOfError(error)
  if (json) terminal.out(jsonText({ ...command, outcome, error }))
  else terminal.err.write(errorLines(error))
  return outcomes[outcome].exitCode
}

/** As Duplicati prints them: the id first, then the sentences. */
function errorLines(error: PullbackError): string {
  const cause = causeText(error)
  const lines = [`ErrorID: ${error.code}`, ...errorSentences(error)]
  return [...lines, ...(cause === undefined ? [] : [words.cause(cause)]), ''].join('\n')
}

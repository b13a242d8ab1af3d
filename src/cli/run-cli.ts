// The door of the command line: reads what was typed, runs the use case, prints what came of it, and gives the exit
// code. Everything it touches is handed in.
import { isPullbackError, PullbackError } from '../base/errors.ts'
import { english as words } from '../text/english.ts'
import { causeText, errorSentences } from '../text/error-text.ts'
import { find, versions } from '../usecases/browse-backup.ts'
import { Progress } from '../usecases/reports.ts'
import { backUp } from '../usecases/run-backup.ts'
import { restore } from '../usecases/run-restore.ts'
import type { World } from '../usecases/world.ts'
import { askPassphrase, type Keyboard } from './ask-passphrase.ts'
import { parseCommandLine, type CommandLine } from './command-line.ts'
import {
  outcomeOfBackup,
  outcomeOfError,
  outcomeOfList,
  outcomeOfRestore,
  outcomes,
  type OutcomeName,
} from './exit-code.ts'
import { ProgressLine, type Screen } from './progress-line.ts'
import { jsonText } from './report-json.ts'
import {
  backupErrors,
  backupText,
  foundText,
  restoreErrors,
  restoreText,
  versionsText,
  type ReportOptions,
} from './report-text.ts'
import {
  backupPlace,
  backupRequest,
  chosenVersions,
  needsPassphrase,
  restoreRequest,
  type Surroundings,
} from './requests.ts'

export interface Terminal {
  readonly out: (text: string) => void
  /** Where progress and errors go. */
  readonly err: Screen
  /** Undefined where nobody can be asked. */
  readonly keyboard: Keyboard | undefined
}

export interface Shell {
  readonly world: Omit<World, 'progress'>
  readonly terminal: Terminal
  readonly environment: Surroundings['environment']
}

interface Result {
  readonly outcome: OutcomeName
  readonly report: unknown
  readonly text: (options: ReportOptions) => string
  /** What also a quiet run tells. */
  readonly errors?: (options: ReportOptions) => string
}

/** Runs one command and returns its exit code. Only faults of Pullback itself are thrown. */
export async function runCli(argv: readonly string[], shell: Shell): Promise<number> {
  const { terminal, world } = shell
  let line: CommandLine | string
  try {
    line = parseCommandLine(argv, world.appVersion)
  } catch (error) {
    if (!isPullbackError(error)) throw error
    return tellError(error, { terminal, json: argv.some((word) => /^--json(=|$)/i.test(word)) })
  }
  if (typeof line !== 'string') return runCommand(line, shell)
  terminal.out(line)
  return outcomes[argv.length === 0 ? 'wrongArguments' : 'success'].exitCode
}

async function runCommand(line: CommandLine, shell: Shell): Promise<number> {
  const { command, options } = line
  const { terminal, world } = shell
  const json = options.has('json')
  const startMs = world.clock.monotonicMs()
  try {
    const around = await surroundings(line, shell)
    const result = await withProgress(line, shell, (progress) =>
      commands[command](line, { world: { ...world, progress }, around }),
    )
    const { outcome, report, text, errors } = result
    const shape = { elapsedMs: world.clock.monotonicMs() - startMs, full: options.has('full-result') }
    if (json) terminal.out(jsonText({ command, outcome, report }))
    else if (!options.has('quiet-console')) terminal.out(text(shape))
    else if (errors) terminal.err.write(errors(shape))
    return outcomes[outcome].exitCode
  } catch (error) {
    if (isPullbackError(error)) return tellError(error, { terminal, json, command })
    if (json) terminal.out(jsonText({ command, outcome: 'failed', error }))
    throw error
  }
}

/** A passphrase that was asked for stands in like the one of the environment. */
async function surroundings(line: CommandLine, shell: Shell): Promise<Surroundings> {
  const { terminal, world, environment } = shell
  const around = { environment, nowMs: world.clock.nowMs() }
  if (line.command !== 'backup' || !terminal.keyboard || !needsPassphrase(line, around)) return around
  const typed = await askPassphrase(terminal.keyboard, world.signal)
  return { ...around, environment: { ...environment, PASSPHRASE: typed } }
}

async function withProgress<T>(
  { options }: CommandLine,
  { world, terminal }: Shell,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress = new Progress()
  if (['json', 'quiet-console', 'no-progress'].some((name) => options.has(name))) return work(progress)
  const bar = new ProgressLine(progress, world.clock, terminal.err)
  bar.start()
  try {
    return await work(progress)
  } finally {
    bar.stop()
  }
}

type Run = (
  line: CommandLine,
  given: { readonly world: World; readonly around: Surroundings },
) => Promise<Result>

const runBackupCommand: Run = async (line, { world, around }) => {
  const report = await backUp(backupRequest(line, around), world)
  return {
    outcome: outcomeOfBackup(report),
    report,
    text: (options) => backupText(report, options),
    errors: () => backupErrors(report),
  }
}

const runRestoreCommand: Run = async (line, { world, around }) => {
  const report = await restore(restoreRequest(line, around), world)
  return {
    outcome: outcomeOfRestore(report),
    report,
    text: (options) => restoreText(report, options),
    errors: (options) => restoreErrors(report, options),
  }
}

const runList: Run = async (line, { world, around }) => {
  const place = backupPlace(line, around)
  const patterns = line.args.slice(1)
  const chosen = chosenVersions(line, around)
  if (patterns.length === 0) {
    if (chosen.length > 0) {
      const what = 'without a pattern list shows all versions: --version and --time choose none'
      throw new PullbackError('BadOption', { what, advice: 'Add a pattern; "*" shows all of a version.' })
    }
    const report = await versions(place, world)
    return { outcome: outcomeOfList(report), report, text: () => versionsText(report) }
  }
  const looked = chosen.length > 0 ? chosen : [{ number: 0 }]
  const there = await find({ ...place, patterns, versions: looked }, world)
  if (there.length > 0 || chosen.length > 0) return foundResult(there)
  const everywhere = await find({ ...place, patterns, versions: 'all' }, world)
  const note = everywhere.length > 0 ? `${words.onlyInOlder()}\n` : ''
  return { ...foundResult(everywhere), text: () => note + foundText(everywhere) }
}

const runFind: Run = async (line, { world, around }) => {
  const chosen = chosenVersions(line, around)
  const request = { ...backupPlace(line, around), patterns: line.args.slice(1) }
  return foundResult(await find({ ...request, versions: chosen.length > 0 ? chosen : 'all' }, world))
}

function foundResult(report: Awaited<ReturnType<typeof find>>): Result {
  return { outcome: 'success', report, text: () => foundText(report) }
}

const commands: Readonly<Record<CommandLine['command'], Run>> = {
  backup: runBackupCommand,
  restore: runRestoreCommand,
  list: runList,
  find: runFind,
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

// From what was typed to a command, its arguments and its options. Nothing is passed over: an option that is not known,
// not known yet, or not one of the command is refused. The words are sorted before commander sees them; it knows the
// shape of each command, writes the help, and finds the name that may have been meant.
import { Command as Shape, CommanderError, Option } from 'commander'
import { PullbackError } from '../base/errors.ts'
import type { Command, CommandLine } from './commands/command.ts'
import type { OptionRow } from './option-row.ts'
import { optionsOf, optionTable } from './option-table.ts'
import { parametersIn } from './parameters-file.ts'
import { sortWords, type TypedWords } from './typed-words.ts'

/**
 * The command line, or a text to print: help, or the program's version. `BadArguments` or `BadOption`. Of the commands
 * it needs the one that is typed first, or all.
 */
export function parseCommandLine(
  argv: readonly string[],
  { appVersion, commands }: { readonly appVersion: string; readonly commands: readonly Command[] },
): CommandLine | string {
  const versionText = `Pullback ${appVersion}\n`
  // With a command before it, --version chooses a version of the backup.
  if (argv.length === 1 && argv[0]?.toLowerCase() === '--version') return versionText
  const typed = typedWords(argv)
  const [first] = typed.words
  let printed = ''
  let parsed: CommandLine | undefined
  const program = programFor(appVersion, (text) => (printed += text))
  program
    .command('version')
    .description('tell the version of Pullback')
    .action(() => {
      printed = versionText
    })
  for (const command of commands) {
    addCommand(program, command).action((...given: unknown[]) => {
      const { options, repeated } = typed
      parsed = { command: command.name, args: (given.at(-1) as Shape).args, options, repeated }
    })
  }
  if (first === undefined && typed.unknown.length === 0) return program.helpInformation()
  try {
    program.parse(wordsFor(typed, commands), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return printed
    throw refusal(error)
  }
  if (parsed) refuseStrayOptions(parsed)
  return parsed ?? printed
}

/** What was typed, after what a parameters file holds: of an option in both, what was typed wins. */
function typedWords(argv: readonly string[]): TypedWords {
  const typed = sortWords(argv)
  const file = typed.options.get('parameters-file')
  if (file === undefined) return typed
  const parameters = parametersIn(file)
  const inFile = sortWords(parameters)
  if (inFile.options.has('parameters-file')) {
    throw new PullbackError('BadOption', {
      what: `the parameters file ${file} names another one`,
      subject: file,
    })
  }
  if (hasFilters(inFile) && hasFilters(typed)) {
    throw new PullbackError('BadOption', {
      what: `there are filters both in the parameters file ${file} and on the command line`,
      subject: file,
      advice: 'Their order decides, so give all of them in one place.',
    })
  }
  return sortWords([...parameters, ...argv])
}

function hasFilters({ repeated }: TypedWords): boolean {
  return repeated.some(({ name }) => name === 'include' || name === 'exclude')
}

/** What commander is to see: the command first, no option that the table knows, and arguments that stay arguments. */
function wordsFor({ words, unknown }: TypedWords, commands: readonly Command[]): string[] {
  const [command, ...args] = words
  if (command === undefined) return [...unknown]
  if (command.toLowerCase() !== 'help') return [command.toLowerCase(), ...unknown, '--', ...args]
  const topic = args[0]?.toLowerCase()
  const known = ['help', 'version', ...commands.flatMap(({ name, aliases = [] }) => [name, ...aliases])]
  if (topic !== undefined && !known.includes(topic)) {
    throw new PullbackError('BadArguments', { what: `there is no command ${JSON.stringify(topic)}` })
  }
  return topic === undefined || topic === 'help' ? ['help'] : ['help', topic]
}

function programFor(appVersion: string, print: (text: string) => void): Shape {
  return new Shape('pullback')
    .description(`Pullback ${appVersion}: pulls files over SSH into encrypted backups, and puts them back.`)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .helpCommand('help [command]', 'show the arguments and options of a command')
    .addHelpText('after', '\nAll options and exit codes: docs/options.md')
}

function addCommand(program: Shape, { name, aliases = [], args, summary, more }: Command): Shape {
  const shape = program
    .command(`${name} ${args}`)
    .aliases([...aliases])
    .description(summary)
    .addHelpText(
      'after',
      `
${more}`,
    )
  for (const row of optionsOf(name)) {
    shape.addOption(new Option(flagsOf(row), `${row.meaning} (${row.usual})`))
  }
  return shape
}

function flagsOf(row: OptionRow): string {
  return row.kind === 'flag' ? `--${row.name}` : `--${row.name} <${row.kind}>`
}

function refuseStrayOptions({ command, options, repeated }: CommandLine): void {
  const known = optionsOf(command)
  for (const name of [...options.keys(), ...repeated.map((one) => one.name)]) {
    if (known.some((row) => row.name === name)) continue
    const home = optionTable.find((row) => row.name === name)?.commands?.join(', ')
    const what = `--${name} is not an option of ${command}: it belongs to ${home}`
    throw new PullbackError('BadOption', { what, subject: name })
  }
}

function refusal(error: CommanderError): PullbackError {
  const what = error.message.replace(/^error: /, '').replace(/\n/g, ' ')
  return new PullbackError(error.code.includes('ption') ? 'BadOption' : 'BadArguments', { what })
}

// A command line as the program reads it.
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { allCommands } from '../../src/cli/commands/all.ts'
import type { CommandLine } from '../../src/cli/commands/command.ts'

export const program = { appVersion: '1.2.3', commands: await allCommands() }

/** Of a command, not a text to print. */
export function parsedLine(...argv: string[]): CommandLine {
  const line = parseCommandLine(argv, program)
  if (typeof line === 'string') throw new Error(`this printed: ${line}`)
  return line
}

// What a command is: its help, and what it does with a parsed command line. Each command is one file beside this one;
// `all.ts` lists them.
import type { OutcomeName } from '../exit-code.ts'
import type { CommandName } from '../option-row.ts'
import type { WriteBytes } from '../../usecases/reports.ts'
import type { World } from '../../usecases/world.ts'

export interface CommandLine {
  readonly command: CommandName
  readonly args: readonly string[]
  /** Values as they were typed; for a flag that is on, the empty text. */
  readonly options: ReadonlyMap<string, string>
  /** Options that may be given several times, in the order in which they were, across all of their names. */
  readonly repeated: readonly RepeatedOption[]
}

interface RepeatedOption {
  readonly name: string
  readonly value: string
}

/** The environment variables that stand in for options; an option wins. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly nowMs: number
}

export interface ReportOptions {
  readonly elapsedMs: number
  /** List everything, however long. */
  readonly full: boolean
}

export interface Result {
  readonly outcome: OutcomeName
  readonly report: unknown
  readonly text: (options: ReportOptions) => string
  /** What also a quiet run tells. */
  readonly errors?: (options: ReportOptions) => string
}

export interface Command {
  readonly name: CommandName
  /** Other names that Duplicati knows it by. */
  readonly aliases?: readonly string[]
  /** The arguments, as help shows them. */
  readonly args: string
  readonly summary: string
  /** The rest of its help: examples, and how it can end. */
  readonly more: string
  /** May make a backup: where no passphrase is given, a person is asked for one twice. */
  readonly asksPassphrase?: true
  /** True for a command line whose result is bytes for standard output: all else is then told on the other one. */
  readonly writesBytes?: (line: CommandLine) => boolean
  /** Its output is told as it is found: no progress line runs beside it. */
  readonly printsAsItGoes?: true
  /** When it is asked to stop, it finishes what it has rather than end at once. */
  readonly endsInOrder?: true
  readonly run: (
    line: CommandLine,
    given: {
      readonly world: World
      readonly around: Surroundings
      /** Standard output, for bytes. */
      readonly write: WriteBytes
      /** Standard output, for what is told before the end. */
      readonly print: (text: string) => void
    },
  ) => Promise<Result>
}

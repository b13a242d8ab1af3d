// Writes docs/options.md from the option table: `npm run docs`. A test compares the two.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allCommands } from '../src/cli/commands/all.ts'
import { outcomes } from '../src/cli/exit-code.ts'
import { notYet } from '../src/cli/not-yet.ts'
import type { OptionRow } from '../src/cli/option-row.ts'
import { optionTable } from '../src/cli/option-table.ts'

/** The whole page. */
export async function optionsPage(): Promise<string> {
  const commands = await allCommands()
  const shapes = commands.map(({ name, args, summary }) => `| \`pullback ${name} ${args}\` | ${summary} |`)
  const sections = [
    ['For all commands', (row: OptionRow) => !row.commands],
    ['For backup', (row: OptionRow) => row.commands?.includes('backup') && !row.address],
    ['For addresses of machines', (row: OptionRow) => row.address && row.commands],
    ['For restore, list and find', (row: OptionRow) => row.commands && !row.commands.includes('backup')],
  ] as const
  const tables = sections.map(([title, belongs]) => `## ${title}\n\n${table(optionTable.filter(belongs))}`)
  return `${head}\n${shapes.join('\n')}\n\n${tables.join('\n\n')}\n\n${values}\n\n${exits()}\n\n${later()}\n`
}

const head = `# Options

Names and values are Duplicati's where Duplicati has the option; ours are marked with *. \`--name=value\`, names in any
case, the last of several wins. Options of addresses may also stand in the address: \`ssh://host/path?ssh-keyfile=…\`;
there they win. \`PASSPHRASE\`, \`AUTH_USERNAME\` and \`AUTH_PASSWORD\` in the environment stand in for the options
of those names. An option that is not known is refused, never passed over.

This page is made from \`src/cli/option-table.ts\` by \`npm run docs\`.

| command | what it does |
|---|---|`

const values = `## Values

Sizes: a whole number and \`b\`, \`kb\`, \`mb\`, \`gb\` or \`tb\`, in powers of 1024; a bare number is mb for
dblock-size and kb for blocksize. Durations: \`10s\`, \`1m30s\` (\`s m h D W\`); a bare number counts seconds.
Times: \`now\`, \`2026-11-22\`, \`2026-11-22T18:00\`,
\`20261122T180000Z\`, or how long ago: \`3D\`, \`1W12h\` (\`s m h D W M Y\`). Versions: \`0\` is the newest;
\`0,2-4\`. A month or year back is one of the calendar. Flags: alone, or \`=true\`, \`=false\`.

Patterns of restore, list and find: a path, with all below it if it is a folder; a bare name, looked for everywhere;
\`*\` and \`?\`, where \`*\` crosses folders; \`[a regular expression]\`; \`@\` first for a literal path.`

function table(rows: readonly OptionRow[]): string {
  const lines = rows.map((row) => {
    const names = [row.name, ...(row.aliases ?? [])].map((name) => `\`--${name}\``).join(', ')
    return `| ${names}${row.own ? ' *' : ''} | ${row.kind} | ${row.usual} | ${row.meaning} |`
  })
  return ['| option | value | without it | meaning |', '|---|---|---|---|', ...lines].join('\n')
}

function exits(): string {
  const lines = Object.entries(outcomes).map(
    ([name, { exitCode, meaning }]) => `| ${exitCode} | \`${name}\` | ${meaning} |`,
  )
  return [
    '## Exit codes',
    '',
    exitsHead,
    '',
    '| code | `outcome` | meaning |',
    '|---|---|---|',
    ...lines,
  ].join('\n')
}

const exitsHead = `The name is the \`outcome\` of --json. A second Ctrl-C ends at once with 130. Of the usage errors,
VersionMissing, NothingMatches and TargetFolderUnusable end with 100: the arguments were right.`

function later(): string {
  const names = [...notYet].map((name) => `\`${name}\``).join(', ')
  return `## Not there yet\n\nOptions of Duplicati that are refused by name until they do what they say: ${names}.`
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/options.md'), await optionsPage())

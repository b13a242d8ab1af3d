// Where everything is put together: the clock, chance, the adapters, the terminal, and the command line over them.
import { enableCompileCache } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { systemClock } from './base/clock.ts'
import { systemRandomness } from './base/randomness.ts'
import { runCli } from './cli/run-cli.ts'
import { allAdapters } from './wire/adapters.ts'
import { endOnFaults } from './wire/end-on-faults.ts'
import { keepRunningUnread } from './wire/keep-running-unread.ts'
import { stopOnSignals } from './wire/stop-on-signals.ts'
import { writeTo } from './wire/write-output.ts'

enableCompileCache()

const { stdin, stderr, stdout, env } = process
const write = (text: string): void => void stderr.write(text)
keepRunningUnread({ stdout, stderr })
endOnFaults(write)
const tools = { clock: systemClock, randomness: systemRandomness }
const signal = stopOnSignals(write)
const dataFolder =
  env['PULLBACK_DATA'] || join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'pullback')
const isTerminal = stderr.isTTY && env['TERM'] !== 'dumb'

const exitCode = await runCli(process.argv.slice(2), {
  world: {
    ...tools,
    signal,
    adapters: allAdapters(tools),
    tempFolder: tmpdir(),
    indexFolder: join(dataFolder, 'index'),
    appVersion: versionOf(join(import.meta.dirname, '..', 'package.json')),
  },
  terminal: {
    out: (text) => stdout.write(text),
    write: writeTo(stdout, signal),
    err: { write, isTerminal, columns: () => stderr.columns || 80 },
    keyboard: stdin.isTTY && stderr.isTTY ? { input: stdin, write } : undefined,
  },
  environment: env,
})
// Output that could not be written has set a code already.
process.exitCode ??= exitCode

function versionOf(packageFile: string): string {
  const facts: unknown = JSON.parse(readFileSync(packageFile, 'utf8'))
  return typeof facts === 'object' && facts !== null && 'version' in facts ? String(facts.version) : 'unknown'
}

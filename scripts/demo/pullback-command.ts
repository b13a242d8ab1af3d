// Runs `./pullback` as a person would, shows what was typed and what came back, and stops the demo on an exit code that
// it does not expect.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { once } from 'node:events'

export async function pullback(
  project: string,
  args: readonly string[],
  expected: readonly number[],
): Promise<void> {
  process.stdout.write(
    `   $ ./pullback ${args.map((arg) => arg.replaceAll(`${project}/`, '')).join(' ')}\n\n`,
  )
  const child = spawn(join(project, 'pullback'), args, { cwd: project, stdio: ['ignore', 'pipe', 'inherit'] })
  child.stdout.setEncoding('utf8')
  let rest = ''
  child.stdout.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) process.stdout.write(`   | ${line}\n`)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (rest) process.stdout.write(`   | ${rest}\n`)
  process.stdout.write('\n')
  if (code === null || !expected.includes(code)) {
    process.stdout.write(`   pullback ended with code ${code}, which this demo does not expect.\n`)
    process.exit(1)
  }
}

// The kill table, all of it: every command is done harm at every one of its steps, and docs/kill-table.md says how many
// it survived. Ends with 1 if a promise did not hold at one of them. `npm run kill-table` takes an hour; with
// `-- --one-in=4` only every fourth step is tried, with `--only=compact` other commands keep the rows that they have.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { operations } from '../tests/support/kill-table/operations.ts'
import { Scene } from '../tests/support/kill-table/scene.ts'
import { faults, stepsOf, sweepSteps } from '../tests/support/kill-table/sweep.ts'

interface Row {
  readonly operation: string
  readonly fault: string
  readonly steps: number
  readonly tried: number
  readonly survived: number
}

const page = join(import.meta.dirname, '../docs/kill-table.md')
const { values } = parseArgs({
  options: { 'one-in': { type: 'string', default: '1' }, only: { type: 'string', multiple: true } },
})
const oneIn = Number(values['one-in'])

const folder = mkdtempSync(join(tmpdir(), 'pullback-kill-table-'))
try {
  const rows = await everyRow(await Scene.build(folder))
  writeFileSync(page, pageOf(rows))
  process.exitCode = rows.every(({ tried, survived }) => tried === survived) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}

async function everyRow(scene: Scene): Promise<Row[]> {
  const rows: Row[] = []
  for (const operation of operations) {
    if (values.only && !values.only.includes(operation.name)) {
      rows.push(...knownRows(operation.name))
      continue
    }
    const undisturbed = await stepsOf(scene, operation)
    for (const fault of faults) {
      const sweep = { scene, operation, fault }
      const steps = undisturbed.filter((kind) => fault.kinds.includes(kind)).length
      const tried = Array.from({ length: Math.ceil(steps / oneIn) }, (_, at) => 1 + at * oneIn)
      const results = await sweepSteps(sweep, fault.kinds, tried)
      for (const finding of results.flatMap(({ findings }) => findings)) console.error(finding)
      const survived = results.filter(({ findings }) => findings.length === 0).length
      console.log(`${operation.name}, ${fault.name}: ${survived} of ${tried.length}, of ${steps}`)
      rows.push({ operation: operation.name, fault: fault.name, steps, tried: tried.length, survived })
    }
  }
  return rows
}

/** As the page has them. */
function knownRows(operation: string): Row[] {
  const lines = readFileSync(page, 'utf8').split('\n')
  return lines
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, name]) => name === operation)
    .map(([, , fault = '', steps, tried, survived]) => {
      return { operation, fault, steps: Number(steps), tried: Number(tried), survived: Number(survived) }
    })
}

function pageOf(rows: readonly Row[]): string {
  const lines = rows.map(({ operation, fault, steps, tried, survived }) =>
    [operation, fault, steps, tried, survived].join(' | '),
  )
  return `# The kill table

A small backup, and what is done with it, is done harm at every step in which it changes a file: each write, fsync,
link, rename, removal, new file and new folder, over all threads. Either the process is killed just before the step, or
the disk refuses the step once (EIO), or it is full from that step on (ENOSPC).

A step is survived if nothing of this fails:

- right after it, every earlier version comes back byte for byte, and the strict checker finds nothing but what a run
  that was cut off may leave;
- a run that was not killed ends by itself: done, and then it is all there; or failed, with an error of
  [the catalogue](errors.md);
- the same command, run again, finishes, and so does a backup that comes before it; every version comes back byte for
  byte, a partial one without a fault;
- after \`compact\` nothing is left, once all that it marked may go, that no version needs;
- no temporary file is left: at the destination, beside the index and in the folder restored into at once, in the
  folder for temporary files a day later;
- the index says what an index says that is built anew from the destination.

| Operation | Fault | Steps | Tried | Survived |
| --- | --- | --- | --- | --- |
${lines.map((line) => `| ${line} |`).join('\n')}

Each row is from the last run that tried it; where fewer steps were tried than there are, they are spread evenly. This
page is written by \`npm run kill-table\`. Every change is tested at a sample of these steps.
`
}

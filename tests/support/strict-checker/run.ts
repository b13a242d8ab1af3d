// The checker by hand: `node tests/support/strict-checker/run.ts FOLDER [--passphrase=…] [--written=stock]
// [--cut-off]`. Prints the report as JSON; exit code 1 if there are problems.
import { parseArgs } from 'node:util'
import { checkBackup } from './check-backup.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    passphrase: { type: 'string' },
    blocksize: { type: 'string' },
    written: { type: 'string', default: 'pullback' },
    'cut-off': { type: 'boolean', default: false },
  },
})
const [folder] = positionals
const { written } = values
if (folder === undefined || (written !== 'pullback' && written !== 'stock')) {
  process.stderr.write(
    'usage: run.ts FOLDER [--passphrase=…] [--blocksize=N] [--written=pullback|stock] [--cut-off]\n',
  )
  process.exit(2)
}
const report = await checkBackup(folder, {
  written,
  cutOff: values['cut-off'],
  ...(values.passphrase !== undefined && { passphrase: values.passphrase }),
  ...(values.blocksize !== undefined && { blocksize: Number(values.blocksize) }),
})
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
process.exitCode = report.problems.length > 0 ? 1 : 0

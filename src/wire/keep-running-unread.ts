// A backup goes on when nobody reads what it says: `pullback … 2>&1 | head` closes its output early, and a log may lie
// on a full disk. Without a listener Node ends the process at the first failed write.
import { systemCode } from '../base/errors.ts'

const failedCode = 100

interface Outputs {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** A report that could not be written for another reason than a closed pipe is told on stderr, with exit code 100. */
export function keepRunningUnread({ stdout, stderr }: Outputs): void {
  stdout.on('error', (error) => {
    if (systemCode(error) === 'EPIPE') return
    process.exitCode = failedCode
    stderr.write(`The output could not be written: ${error.message}\n`)
  })
  // There is no place left to tell it.
  stderr.on('error', () => undefined)
}

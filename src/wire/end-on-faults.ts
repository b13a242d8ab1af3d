// Faults of Pullback itself, wherever they come up: told with the place, and never mistaken for a result. Node would
// end with 1, which says of a backup that nothing had changed.
import { asError } from '../base/errors.ts'

const failedCode = 100

export function endOnFaults(say: (text: string) => void): void {
  process.on('uncaughtException', (error) => {
    say(`This is a fault of Pullback, not yours. ${asError(error).stack}\n`)
    process.exit(failedCode)
  })
}

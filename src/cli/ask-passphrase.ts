// Asks a person for a new passphrase without showing it, twice, as nobody could read a backup made with a slip.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { cancelled, within } from '../base/abort.ts'
import { PullbackError } from '../base/errors.ts'
import { english as words } from '../text/english.ts'

export interface Keyboard {
  readonly input: NodeJS.ReadableStream
  readonly write: (text: string) => void
}

/** A person who went away does not hold up a script for ever. */
const patienceMs = 10 * 60_000

/** Fails with `PassphraseMissing` when nothing was typed or the two differ, and with `Cancelled` at Ctrl-C. */
export async function askPassphrase({ input, write }: Keyboard, signal: AbortSignal): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: hidden, terminal: true })
  const typed: string[] = []
  const answered = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      typed.push(line)
      write(typed.length === 1 && line !== '' ? `\n${words.askPassphraseAgain()}` : '\n')
      if (typed.length === 2 || line === '') resolve()
    })
    // A terminal in this state sends Ctrl-C as a key, not as a signal.
    lines.on('SIGINT', () => {
      write('\n')
      reject(cancelled())
    })
    lines.on('close', resolve)
  })
  write(words.askPassphrase())
  try {
    await within(answered, {
      signal,
      timeoutMs: patienceMs,
      onTimeout: () => missing('no passphrase was typed'),
    })
  } finally {
    lines.close()
  }
  const [first = '', second] = typed
  if (first === '') throw missing('no passphrase was typed')
  if (first !== second) throw missing('the two passphrases are not the same')
  return first
}

function missing(what: string): PullbackError {
  return new PullbackError('PassphraseMissing', { what })
}

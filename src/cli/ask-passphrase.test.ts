import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { neverAborted } from '../base/abort.ts'
import { askPassphrase } from './ask-passphrase.ts'

function typing(keys: string): { answer: Promise<string>; shown: () => string } {
  const input = new PassThrough()
  let text = ''
  const answer = askPassphrase({ input, write: (more) => (text += more) }, neverAborted())
  input.end(keys)
  return { answer, shown: () => text }
}

describe('asking for a passphrase', () => {
  it('takes what was typed twice, and shows nothing of it', async () => {
    const { answer, shown } = typing('o pen "sesame"\no pen "sesame"\n')
    await expect(answer).resolves.toBe('o pen "sesame"')
    expect(shown()).toBe('Passphrase for the backup: \nThe same passphrase again: \n')
  })

  it.each([
    ['two that differ', 'one\ntwo\n', 'PassphraseMissing'],
    ['an empty line', '\n', 'PassphraseMissing'],
    ['the end of input', '', 'PassphraseMissing'],
    ['the end of input after the first', 'one\n', 'PassphraseMissing'],
    ['Ctrl-C', 'on\u0003', 'Cancelled'],
  ])('takes none from %s', async (_, keys, code) => {
    await expect(typing(keys).answer).rejects.toMatchObject({ code })
  })
})

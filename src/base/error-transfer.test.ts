import { describe, expect, it } from 'vitest'
import { packError, unpackError } from './error-transfer.ts'
import { PullbackError } from './errors.ts'

describe('errors between threads', () => {
  it('keep code, sentences, subject and cause of an operating error', () => {
    const cause = new Error('disk on fire')
    const error = new PullbackError('VolumeDamaged', { what: 'it ends early', subject: 'x.zip', cause })
    const arrived = unpackError(structuredClone(packError(error)))
    const { code, what, subject, meaning, advice } = error
    expect(arrived).toMatchObject({
      code,
      what,
      subject,
      meaning,
      advice,
      cause: { message: 'disk on fire' },
    })
  })

  it('keep a bug a bug, with the place where it happened', () => {
    const arrived = unpackError(structuredClone(packError(new TypeError('x is not a function'))))
    expect(arrived).not.toBeInstanceOf(PullbackError)
    expect(arrived.message).toBe('x is not a function')
    expect(String(arrived.cause)).toContain('error-transfer.test.ts')
  })
})

import { describe, expect, it } from 'vitest'
import { neverAborted, within } from './abort.ts'

const never = new Promise<never>(() => undefined)
const limits = { timeoutMs: 1, onTimeout: () => new Error('too late') }

describe('waiting within limits', () => {
  it('gives what the work gives', async () => {
    const wait = within(Promise.resolve(1), { ...limits, timeoutMs: 10_000, signal: neverAborted() })
    await expect(wait).resolves.toBe(1)
  })

  it('ends when the time is over', async () => {
    await expect(within(never, { ...limits, signal: neverAborted() })).rejects.toThrow('too late')
  })

  it('ends when it is stopped, also before it began', async () => {
    const stop = new AbortController()
    const waiting = within(never, { ...limits, timeoutMs: 10_000, signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'Cancelled' })
    await expect(within(never, { ...limits, signal: stop.signal })).rejects.toMatchObject({
      code: 'Cancelled',
    })
  })
})

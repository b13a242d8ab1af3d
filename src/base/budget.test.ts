import { describe, expect, it } from 'vitest'
import { neverAborted } from './abort.ts'
import { Budget } from './budget.ts'

describe('a budget', () => {
  it('lets through what fits, and the rest in the order in which it came', async () => {
    const budget = new Budget(10)
    const signal = neverAborted()
    const order: string[] = []
    await budget.take(8, signal)
    const big = budget.take(5, signal).then(() => order.push('big'))
    const small = budget.take(1, signal).then(() => order.push('small'))
    expect(budget.free).toBe(2)
    budget.give(8)
    await Promise.all([big, small])
    expect(order).toEqual(['big', 'small'])
    expect(budget.free).toBe(4)
  })

  it('lets one thing larger than all of it pass alone', async () => {
    const budget = new Budget(10)
    expect(await budget.take(50, neverAborted())).toBe(10)
    budget.give(10)
    expect(budget.free).toBe(10)
  })

  it('forgets whoever stops waiting, and serves who waits behind', async () => {
    const budget = new Budget(10)
    await budget.take(5, neverAborted())
    const stop = new AbortController()
    const impatient = budget.take(10, stop.signal)
    const patient = budget.take(3, neverAborted())
    stop.abort()
    await expect(impatient).rejects.toMatchObject({ code: 'Cancelled' })
    await patient
    expect(budget.free).toBe(2)
  })

  it('notices when more is given back than was taken', () => {
    expect(() => new Budget(1).give(1)).toThrow('no more is given back')
  })
})

import { describe, expect, it } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import { Flow } from './flow.ts'

const mebi = 1 << 20

describe('the flow on a line', () => {
  it('grows until a fast and long line is full, and not beyond', async () => {
    // 200 MiB/s, 20 ms: 4 MiB fit.
    const { flow, carry } = line({ bytesPerMs: (200 * mebi) / 1000, roundTripMs: 20 })
    await carry(1000)
    expect(flow.allowedBytes).toBeGreaterThan(4 * mebi)
    expect(flow.allowedBytes).toBeLessThan(10 * mebi)
  })

  it('stays small on a slow line', async () => {
    const { flow, carry } = line({ bytesPerMs: mebi / 1000, roundTripMs: 30 })
    await carry(100)
    expect(flow.allowedBytes).toBe(2 * mebi)
  })

  it('keeps who asks for too much waiting, and lets it stop', async () => {
    const { flow } = line({ bytesPerMs: 1, roundTripMs: 1 })
    const taken = await flow.take(2 * mebi, neverAborted())
    const stop = new AbortController()
    const second = flow.take(1, stop.signal)
    stop.abort()
    await expect(second).rejects.toMatchObject({ code: 'Cancelled' })
    const third = flow.take(1, neverAborted())
    flow.arrived(taken)
    expect(await third).toBe(1)
  })

  it('lends memory for reading ahead only as far as there is any', () => {
    const { flow } = line({ bytesPerMs: 1, roundTripMs: 1 })
    expect(flow.tryHold(32 * mebi)).toBe(true)
    expect(flow.tryHold(1)).toBe(false)
    flow.release(32 * mebi)
    expect(flow.tryHold(1)).toBe(true)
  })
})

/** A line of a given speed and length, always asked for as much as is allowed. */
function line({ bytesPerMs, roundTripMs }: { bytesPerMs: number; roundTripMs: number }): {
  flow: Flow
  carry: (requests: number) => Promise<void>
} {
  let nowMs = 0
  let lineFreeMs = 0
  const clock = { nowMs: () => 0, monotonicMs: () => nowMs }
  const flow = new Flow({ clock, roundTripMs: () => roundTripMs })
  const onLine: { arrivesMs: number; taken: number }[] = []
  const request = 255 << 10
  const carry = async (requests: number): Promise<void> => {
    for (let count = 0; count < requests; count++) {
      while ((onLine.length + 1) * request <= flow.allowedBytes) {
        const taken = await flow.take(request, neverAborted())
        lineFreeMs = Math.max(lineFreeMs, nowMs + roundTripMs) + request / bytesPerMs
        onLine.push({ arrivesMs: lineFreeMs, taken })
      }
      const first = onLine.shift()
      nowMs = first?.arrivesMs ?? nowMs
      flow.arrived(first?.taken ?? 0)
    }
  }
  return { flow, carry }
}

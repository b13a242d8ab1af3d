// The one place that touches private parts of ssh2. It keeps 2 MiB of window a channel and opens it again at half, so
// that a download moves at most about 1 MiB in a round trip, whatever is asked for (measured: 46 MiB/s at 20 ms). Here
// the window is kept larger. If the parts are not as in ssh2 1.17, nothing is touched and 2 MiB stay.
// A window is only a permission: what really arrives is bounded by what was asked for.
import type { Channel } from 'ssh2'

/** As much as is ever asked for at once over a connection (see sftp/flow.ts). */
const windowBytes = 32 << 20
/** What has to arrive before the window is opened again: small, so that the window is never what holds answers up. */
const topUpBytes = 1 << 20

interface Parts {
  readonly incoming: { window: number }
  readonly outgoing: { readonly id: number }
  readonly protocol: { channelWindowAdjust(channel: number, amount: number): void }
}

/**
 * Opens the window of a channel and returns what has to be called after each arrival of data.
 */
export function widenWindow(channel: Channel): () => void {
  const parts = partsOf(channel)
  if (!parts) return () => undefined
  const { incoming, outgoing, protocol } = parts
  const topUp = (): void => {
    const amount = windowBytes - incoming.window
    if (amount < topUpBytes) return
    incoming.window += amount
    protocol.channelWindowAdjust(outgoing.id, amount)
  }
  topUp()
  return topUp
}

function partsOf(channel: Channel): Parts | undefined {
  const { incoming, outgoing } = channel
  const client: unknown = Reflect.get(channel, '_client')
  const protocol: unknown = isObject(client) ? Reflect.get(client, '_protocol') : undefined
  if (!isObject(incoming) || !isObject(outgoing) || !isObject(protocol)) return undefined
  const known =
    Reflect.get(incoming, 'window') === 2 << 20 &&
    typeof Reflect.get(outgoing, 'id') === 'number' &&
    typeof Reflect.get(protocol, 'channelWindowAdjust') === 'function'
  return known ? ({ incoming, outgoing, protocol } as Parts) : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

// A long or a bad line between a client and a server: a TCP proxy on loopback that delays, narrows, cuts, swallows or
// resets. The order of bytes is kept. (The kernels that tests run on have no netem, so this is done in the process.)
import { connect, createServer, type Socket } from 'node:net'

export interface LinkOptions {
  readonly port: number
  readonly host?: string
  /** Each byte arrives this much later, in each direction. */
  readonly oneWayMs?: number
  /** Bytes that pass in a second, in each direction; unbounded if left out. */
  readonly bytesPerSecond?: number
  /** The line is reset once this many bytes came from the server, counted over all connections. */
  readonly cutAfterBytesDown?: number
  /** The same for bytes from the client. */
  readonly cutAfterBytesUp?: number
}

export interface Link {
  readonly host: string
  readonly port: number
  /** Bytes from the server and from the client so far, and connections taken. */
  readonly traffic: { readonly down: number; readonly up: number; readonly connections: number }
  /** Resets the line once that many more bytes came from the server. */
  cutAfter(bytesDown: number): void
  /** Swallows every byte from now on, on lines that are open and on new ones; `false` lets the next ones pass. */
  blackHole(on: boolean): void
  /** Turns new connections away with a reset, or takes them again. */
  refuse(on: boolean): void
  /** Resets all lines that are open. */
  resetAll(): void
  close(): Promise<void>
}

interface State {
  readonly oneWayMs: number
  readonly bytesPerMs: number
  readonly traffic: { down: number; up: number; connections: number }
  cutAtDown: number
  cutAtUp: number
  swallow: boolean
  refuse: boolean
}

const heldLimitBytes = 64 * 1024 * 1024

export async function startLink(options: LinkOptions): Promise<Link> {
  const { port: targetPort, host: targetHost = '127.0.0.1', bytesPerSecond } = options
  const state: State = {
    oneWayMs: options.oneWayMs ?? 0,
    bytesPerMs: bytesPerSecond === undefined ? Infinity : bytesPerSecond / 1000,
    traffic: { down: 0, up: 0, connections: 0 },
    cutAtDown: options.cutAfterBytesDown ?? Infinity,
    cutAtUp: options.cutAfterBytesUp ?? Infinity,
    swallow: false,
    refuse: false,
  }
  const lines = new Set<Socket>()
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (state.refuse) {
      client.resetAndDestroy()
      return
    }
    state.traffic.connections += 1
    const server = connect({ port: targetPort, host: targetHost, noDelay: true, allowHalfOpen: true })
    for (const end of [client, server]) {
      lines.add(end)
      end.once('close', () => lines.delete(end))
    }
    // One cut a call: the lines after it hold until the next is ordered.
    const cut = (): void => {
      state.cutAtDown = Infinity
      state.cutAtUp = Infinity
      for (const end of [client, server]) end.resetAndDestroy()
    }
    carry(client, server, { ...passing(state, 'up'), cut })
    carry(server, client, { ...passing(state, 'down'), cut })
  })
  const resetAll = (): void => lines.forEach((end) => end.resetAndDestroy())
  const port = await new Promise<number>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
  return {
    host: '127.0.0.1',
    port,
    traffic: state.traffic,
    cutAfter: (bytesDown) => (state.cutAtDown = state.traffic.down + bytesDown),
    blackHole: (on) => (state.swallow = on),
    refuse: (on) => (state.refuse = on),
    resetAll,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        resetAll()
      }),
  }
}

interface Direction {
  /** When a chunk that came at `nowMs` arrives; undefined if it is swallowed. Counts it. */
  readonly arrival: (chunk: Buffer, nowMs: number) => number | undefined
  /** How many bytes may still pass before the cut. */
  readonly allowance: () => number
  readonly cut: () => void
}

function passing(state: State, way: 'up' | 'down'): Omit<Direction, 'cut'> {
  let freeAtMs = 0
  return {
    allowance: () => (way === 'down' ? state.cutAtDown : state.cutAtUp) - state.traffic[way],
    arrival: (chunk, nowMs) => {
      state.traffic[way] += chunk.length
      if (state.swallow) return undefined
      freeAtMs = Math.max(freeAtMs, nowMs) + chunk.length / state.bytesPerMs
      return freeAtMs + state.oneWayMs
    },
  }
}

/** Moves bytes from one socket to the other, each chunk at its time of arrival. */
function carry(from: Socket, to: Socket, direction: Direction): void {
  const queue: { dueMs: number; chunk: Buffer; last: boolean }[] = []
  let held = 0
  let ended = false
  let timer: NodeJS.Timeout | undefined

  const deliver = (): void => {
    timer = undefined
    const nowMs = performance.now()
    for (let first = queue[0]; first && first.dueMs <= nowMs; first = queue[0]) {
      queue.shift()
      held -= first.chunk.length
      if (to.writable) to.write(first.chunk)
      if (first.last) return direction.cut()
    }
    if (from.isPaused() && held < heldLimitBytes) from.resume()
    plan()
  }
  const plan = (): void => {
    const first = queue[0]
    if (first && !timer) timer = setTimeout(deliver, Math.max(0, first.dueMs - performance.now()))
    if (!first && ended && to.writable) to.end()
  }
  from.on('data', (bytes: Buffer) => {
    const allowance = direction.allowance()
    const last = bytes.length >= allowance
    const chunk = last ? bytes.subarray(0, Math.max(0, allowance)) : bytes
    const dueMs = direction.arrival(chunk, performance.now())
    if (dueMs === undefined) return
    queue.push({ dueMs, chunk, last })
    held += chunk.length
    if (held >= heldLimitBytes) from.pause()
    if (dueMs <= performance.now() && !timer) deliver()
    else plan()
  })
  from.on('end', () => {
    ended = true
    plan()
  })
  // Broken on one side: broken on the other.
  from.on('error', () => to.resetAndDestroy())
  from.on('close', () => {
    if (!ended) to.destroy()
  })
}

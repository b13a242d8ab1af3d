// Reads a long file in order while later parts are already asked for. How far ahead grows while the reader has to
// wait, and stays small while the reader is the slow one. A short answer is completed; the end of the file is
// believed when the server says it, whatever length was expected.
import type { SftpLane, SftpSession } from './session.ts'
import { read } from './verbs.ts'

const firstAheadBytes = 1 << 20
const mostAheadBytes = 16 << 20

interface Part {
  readonly offset: number
  readonly length: number
  readonly data: Promise<Buffer>
  hasArrived: boolean
}

interface Reading {
  readonly session: SftpSession
  readonly lane: SftpLane
  readonly handle: Buffer
  readonly signal: AbortSignal
}

export class ReadAhead {
  readonly #file: Reading
  readonly #end: number
  readonly #asked: Part[] = []
  #next: number
  #aheadBytes = 0
  #allowedBytes = firstAheadBytes
  #hasStopped = false

  /** Begins at once to ask for the bytes from `from` to `to`. */
  constructor(file: Reading, range: { readonly from: number; readonly to: number }) {
    this.#file = file
    this.#next = range.from
    this.#end = range.to
    this.#ask()
  }

  /** The next bytes, in order; none at the end of the range or of the file. One call at a time. */
  async next(): Promise<Buffer> {
    const first = this.#asked[0]
    if (!first) return noBytes
    if (!first.hasArrived) this.#allowedBytes = Math.min(mostAheadBytes, this.#allowedBytes + first.length)
    const data = await first.data
    if (data.length === 0) {
      this.stop()
      return noBytes
    }
    if (this.#hasStopped) return noBytes
    this.#aheadBytes -= data.length
    this.#file.session.flow.release(data.length)
    if (data.length < first.length) {
      this.#asked[0] = this.#part(first.offset + data.length, first.length - data.length)
    } else this.#asked.shift()
    this.#ask()
    return data
  }

  /** Asks no more, and forgets what was asked for. */
  stop(): void {
    this.#hasStopped = true
    this.#asked.length = 0
    this.#next = this.#end
    this.#file.session.flow.release(this.#aheadBytes)
    this.#aheadBytes = 0
  }

  #ask(): void {
    const { flow, abilities } = this.#file.session
    // What could not go out yet would only stand in the way of other files.
    const allowedBytes = Math.min(this.#allowedBytes, flow.allowedBytes)
    while (this.#next < this.#end) {
      const length = Math.min(abilities.readBytes, this.#end - this.#next)
      if (this.#asked.length > 0) {
        if (this.#aheadBytes + length > allowedBytes || !flow.tryHold(length)) return
      } else flow.hold(length)
      this.#aheadBytes += length
      this.#asked.push(this.#part(this.#next, length))
      this.#next += length
    }
  }

  #part(offset: number, length: number): Part {
    const part: Part = { offset, length, data: this.#read(offset, length), hasArrived: false }
    part.data.then(
      () => (part.hasArrived = true),
      // Told to whoever asks for this part; if nobody does, it does not matter.
      () => undefined,
    )
    return part
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    const { session, lane, handle, signal } = this.#file
    const room = await session.flow.take(length, signal)
    try {
      return await read(lane.channel, handle, { offset, length })
    } finally {
      session.flow.arrived(room)
    }
  }
}

const noBytes = Buffer.alloc(0)

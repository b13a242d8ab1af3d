// One SFTP session on one channel: sends requests, gives each reply to the one who asked, and watches that replies
// come. The first thing that goes wrong with the channel itself ends it, and every request on it fails with that
// reason. Requests are answered by the server in order as a rule, but nothing here counts on it.
import { PullbackError } from '../../base/errors.ts'
import { assert } from '../../base/assert.ts'
import type { Clock } from '../../base/clock.ts'
import type { SshLimits } from '../limits.ts'
import { PacketReader, PacketSplitter, setRequestId, violation } from './packet.ts'
import type { Reply } from './reply.ts'

/** The bytes below: a channel of a connection, or anything else that carries both directions. */
export interface SftpWire {
  /** For people: who is at the other end. */
  readonly place: string
  send(bytes: Buffer): void
  /** Called once, before anything can arrive. */
  listen(listener: { onBytes: (bytes: Buffer) => void; onLost: (error: PullbackError) => void }): void
  /** Gives the channel up. */
  fail(error: PullbackError): void
}

interface Waiting {
  readonly settle: (reply: Reply) => void
  readonly reject: (error: unknown) => void
  readonly sentAtTick: number
  readonly sentAtMs: number
}

/** Silence is looked at so many times in its limit. */
const ticksInSilence = 6

export class SftpChannel {
  readonly place: string
  readonly #wire: SftpWire
  readonly #limits: SshLimits
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 0
  #outgoing: Buffer[] = []
  #ticker: NodeJS.Timeout | undefined
  #tick = 0
  #silentTicks = 0
  #ended: PullbackError | undefined
  #quickestMs = Infinity
  #onVersion: ((packet: Buffer) => void) | undefined

  constructor(wire: SftpWire, { limits, clock }: { limits: SshLimits; clock: Clock }) {
    this.#wire = wire
    this.#limits = limits
    this.#clock = clock
    this.place = wire.place
    const splitter = new PacketSplitter((packet) => this.#arrived(packet))
    wire.listen({
      onBytes: (bytes) => {
        this.#silentTicks = 0
        if (this.#ended) return
        try {
          splitter.push(bytes)
        } catch (error) {
          if (!(error instanceof PullbackError)) throw error
          this.fail(error)
        }
      },
      onLost: (error) => this.fail(error),
    })
  }

  /** The shortest time in which anything was answered. */
  get quickestMs(): number {
    return this.#quickestMs
  }

  /** Says hello; returns the server's version packet. Called once, first. */
  hello(packet: Buffer): Promise<PacketReader> {
    return new Promise((resolve, reject) => {
      const answer = (reply: Reply): void => resolve(reply.body)
      // The first packets have no id: this one takes a place that no request can have.
      this.#waiting.set(-1, { settle: answer, reject, ...this.#now() })
      this.#onVersion = (version) => {
        this.#waiting.delete(-1)
        answer({ type: version[0] ?? 0, body: new PacketReader(version) })
      }
      this.#queue(packet)
    })
  }

  /**
   * Sends a request and reads its reply with `read`, which runs while the reply is at hand and may throw an
   * `SftpRefusal`. Requests go out in the order of the calls, all of one turn of the event loop together.
   */
  request<T>(packet: Buffer, read: (reply: Reply) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended)
        return
      }
      const id = this.#freeId()
      setRequestId(packet, id)
      const settle = (reply: Reply): void => resolve(read(reply))
      this.#waiting.set(id, { settle, reject, ...this.#now() })
      this.#queue(packet)
    })
  }

  /** Ends the session; every request that waits fails with `error`. */
  fail(error: PullbackError): void {
    if (this.#ended) return
    this.#ended = error
    this.#stopTicker()
    this.#outgoing = []
    this.#wire.fail(error)
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
  }

  #now(): { sentAtTick: number; sentAtMs: number } {
    return { sentAtTick: this.#tick, sentAtMs: this.#clock.monotonicMs() }
  }

  #freeId(): number {
    assert(this.#waiting.size < 2 ** 31, 'there are always free request ids')
    do this.#nextId = (this.#nextId + 1) >>> 0
    while (this.#waiting.has(this.#nextId))
    return this.#nextId
  }

  #queue(packet: Buffer): void {
    this.#outgoing.push(packet)
    // After all of this turn's answers were handled: their follow-ups then share one encrypted packet.
    if (this.#outgoing.length === 1) setImmediate(() => this.#flush())
    if (!this.#ticker) {
      this.#silentTicks = 0
      this.#ticker = setInterval(() => this.#watch(), this.#limits.silenceMs / ticksInSilence)
    }
  }

  #flush(): void {
    const packets = this.#outgoing
    this.#outgoing = []
    if (packets.length > 0)
      this.#wire.send(packets.length === 1 ? (packets[0] as Buffer) : Buffer.concat(packets))
  }

  #arrived(packet: Buffer): void {
    if (this.#onVersion) {
      const onVersion = this.#onVersion
      this.#onVersion = undefined
      onVersion(packet)
    } else this.#answer(packet)
    if (this.#waiting.size === 0) this.#stopTicker()
  }

  #answer(packet: Buffer): void {
    const body = new PacketReader(packet)
    const type = body.byte()
    const id = body.uint32()
    const waiting = this.#waiting.get(id)
    if (!waiting) throw violation('it answered a request that was not made')
    this.#waiting.delete(id)
    this.#quickestMs = Math.min(this.#quickestMs, this.#clock.monotonicMs() - waiting.sentAtMs)
    try {
      waiting.settle({ type, body })
    } catch (error) {
      waiting.reject(error)
      if (error instanceof PullbackError) throw error
    }
  }

  #stopTicker(): void {
    clearInterval(this.#ticker)
    this.#ticker = undefined
  }

  /**
   * Ticks are counted, not time: a machine that slept, or was busy elsewhere, does not blame the server for it.
   */
  #watch(): void {
    this.#tick++
    this.#silentTicks++
    const oldest = this.#waiting.values().next().value
    const { silenceMs, requestMs } = this.#limits
    const waitedMs = oldest ? ((this.#tick - oldest.sentAtTick) * silenceMs) / ticksInSilence : 0
    if (this.#silentTicks < ticksInSilence && waitedMs < requestMs) return
    const seconds = Math.round(Math.min(waitedMs, Math.max(silenceMs, requestMs)) / 1000)
    this.fail(
      new PullbackError('RequestTimeout', {
        what: `${this.place} did not answer an SFTP request for ${seconds} seconds`,
        subject: this.place,
      }),
    )
  }
}

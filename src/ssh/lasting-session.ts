// A session that survives one lost connection at a time: whoever was working when it broke begins again on a new one,
// made once for all of them. Another is made only after the last one got something done, so that a line or a server
// that breaks at every try ends the source instead of being tried for ever.
import { isPullbackError, PullbackError } from '../base/errors.ts'
import type { Clock } from '../base/clock.ts'
import { pause } from '../base/pause.ts'
import { connect } from './connect.ts'
import { usualLimits, type SshLimits } from './limits.ts'
import type { LoginEnvironment } from './login.ts'
import { orAborted } from './or-aborted.ts'
import { SftpSession } from './sftp/session.ts'
import type { SshAddress } from './ssh-address.ts'

interface LastingOptions {
  /** Makes a session, now and after each loss. */
  readonly open: (signal: AbortSignal) => Promise<SftpSession>
  /** Waits before each try to make it again. */
  readonly reconnectMs: readonly number[]
}

/** How often one piece of work is begun, the first time included: the third time it is the work that breaks lines. */
const mostTries = 3

export interface Dialling {
  readonly address: SshAddress
  readonly clock: Clock
  readonly environment: LoginEnvironment
  readonly limits?: SshLimits
}

/** A session with a machine; nothing is connected before the first work. */
export function lastingSession({
  address,
  clock,
  environment,
  limits = usualLimits,
}: Dialling): LastingSession {
  const open = async (signal: AbortSignal): Promise<SftpSession> => {
    const connection = await connect(address, { signal, environment, limits })
    try {
      return await SftpSession.open(connection, { signal, clock, limits })
    } catch (error) {
      await connection.close()
      throw error
    }
  }
  return new LastingSession({ open, reconnectMs: limits.reconnectMs })
}

export class LastingSession {
  readonly #options: LastingOptions
  readonly #closing = new AbortController()
  #opening: Promise<SftpSession> | undefined
  #session: SftpSession | undefined
  #hasProgressed = true

  constructor(options: LastingOptions) {
    this.#options = options
  }

  /**
   * Does work on the session, again from its start if the connection is lost meanwhile; `isAgain` tells. Fails with
   * `ConnectionLost` if it cannot be taken up again, or as the work does.
   */
  async run<T>(
    work: (session: SftpSession, isAgain: boolean) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      this.#opening ??= this.#keep(this.#options.open(AbortSignal.any([signal, this.#closing.signal])))
      const session = await orAborted(this.#opening, signal)
      try {
        const result = await orAborted(work(session, tries > 1), signal)
        this.progressed()
        return result
      } catch (error) {
        if (tries === mostTries) throw error
        this.giveUp(session, error)
      }
    }
  }

  /** To be called when work that is not done yet got somewhere. */
  progressed(): void {
    this.#hasProgressed = true
  }

  /** Says that an error came out of a session. Throws it, if there is no use in trying again on a new one. */
  giveUp(session: SftpSession, error: unknown): void {
    if (!session.lost || !isPullbackError(error, 'ConnectionLost', 'RequestTimeout')) throw error
    if (this.#closing.signal.aborted) throw error
    // Somebody else has seen to it.
    if (this.#session !== session) return
    if (!this.#hasProgressed) throw error
    this.#hasProgressed = false
    this.#session = undefined
    this.#opening = this.#keep(this.#openAgain(error))
    // Told to whoever waits for the session.
    this.#opening.catch(() => undefined)
  }

  /** Closes the connection; work under way fails. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#session?.close()
    // One that is still being made is told by the signal; if it is made all the same, it is closed.
    const late = await this.#opening?.catch(() => undefined)
    await late?.close()
  }

  async #keep(opening: Promise<SftpSession>): Promise<SftpSession> {
    this.#session = await opening
    return this.#session
  }

  async #openAgain(lost: PullbackError): Promise<SftpSession> {
    let cause = lost
    for (const pauseMs of this.#options.reconnectMs) {
      await pause(pauseMs, this.#closing.signal)
      try {
        return await this.#options.open(this.#closing.signal)
      } catch (error) {
        if (!isPullbackError(error, 'HostUnreachable', 'HostSilent', 'ConnectionLost')) throw error
        cause = error
      }
    }
    throw new PullbackError('ConnectionLost', {
      what: `${lost.what}, and could not be taken up again: ${cause.what}`,
      cause,
      ...(lost.subject === undefined ? {} : { subject: lost.subject }),
    })
  }
}

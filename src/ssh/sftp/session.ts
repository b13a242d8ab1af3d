// One logged-in machine as files see it: a connection with one or a few SFTP channels, what the server can do, and
// the bounds on what is asked for at once. Channels beyond the first are opened behind the scenes when many files are
// being read, for a server answers on each channel one request after the other; a server that wants no more channels
// is served with those there are.
import { Budget } from '../../base/budget.ts'
import type { Clock } from '../../base/clock.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import type { SshConnection } from '../connection.ts'
import { usualLimits, type SshLimits } from '../limits.ts'
import { orAborted } from '../or-aborted.ts'
import { SftpChannel } from './channel.ts'
import { Flow } from './flow.ts'
import { greet, type ServerAbilities } from './greeting.ts'
import { OwnerNames, ownerNamesExtension } from './owner-names.ts'
import { sshWire } from './ssh-wire.ts'

export interface SftpLane {
  readonly channel: SftpChannel
  /** Open files and folders of this channel: one taken for each. */
  readonly handles: Budget
}

interface SessionOptions {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly limits?: SshLimits
}

/**
 * One channel for folders, three for files. From a warm cache one is as fast (measured); each more is a server process
 * of its own, which waits for the disk while the others answer. OpenSSH allows 10 sessions.
 */
const mostLanes = 4
/** A lane with so many open files is reason enough for one more. */
const busyHandles = 24
/** Their answers fit into the window that a server has for its questions, and ours for answers, many times. */
const mostLookups = 1024

export class SftpSession {
  readonly place: string
  readonly abilities: ServerAbilities
  readonly flow: Flow
  readonly owners: OwnerNames
  readonly limits: SshLimits
  /** Single questions under way: one taken for each. */
  readonly lookups = new Budget(mostLookups)
  readonly #connection: SshConnection
  readonly #clock: Clock
  readonly #lanes: SftpLane[]
  #opening: Promise<void> | undefined
  #noMoreLanes = false

  /** Opens the first channel. Fails with `SftpUnavailable`, or with the reason that ended the connection. */
  static async open(connection: SshConnection, options: SessionOptions): Promise<SftpSession> {
    const limits = options.limits ?? usualLimits
    const lane = await orAborted(openLane(connection, { limits, clock: options.clock }), options.signal)
    if (lane) return new SftpSession(connection, { ...options, limits, lane })
    throw new PullbackError('SftpUnavailable', {
      what: `${connection.place} accepts the login but opens no session`,
      subject: connection.place,
      advice: 'Allow at least one session (MaxSessions) in sshd_config on the machine.',
    })
  }

  private constructor(
    connection: SshConnection,
    parts: { lane: GreetedLane; limits: SshLimits; clock: Clock },
  ) {
    this.place = connection.place
    this.abilities = parts.lane.abilities
    this.flow = new Flow({ clock: parts.clock, roundTripMs: () => parts.lane.channel.quickestMs })
    this.owners = new OwnerNames(this.abilities.extensions.has(ownerNamesExtension))
    this.#connection = connection
    this.limits = parts.limits
    this.#clock = parts.clock
    this.#lanes = [parts.lane]
  }

  /** Why this session is over, if it is. */
  get lost(): PullbackError | undefined {
    return this.#connection.lost
  }

  /** Where folders are listed and single questions asked. */
  get mainLane(): SftpLane {
    return this.#lanes[0] as SftpLane
  }

  /** Where the next file is best read. `isLong` says that it will keep a lane busy alone. */
  laneForFile(isLong: boolean): SftpLane {
    const lanes = this.#lanes.length > 1 ? this.#lanes.slice(1) : this.#lanes
    const best = lanes.reduce((one, other) => (openHandles(other) < openHandles(one) ? other : one))
    if (openHandles(best) >= busyHandles || (isLong && this.#lanes.length === 1)) this.#openAnotherLane()
    return best
  }

  async close(): Promise<void> {
    await this.#connection.close()
    await this.#opening
  }

  #openAnotherLane(): void {
    if (this.#opening || this.#noMoreLanes || this.#lanes.length >= mostLanes) return
    this.#opening = this.#openLane()
  }

  async #openLane(): Promise<void> {
    try {
      const lane = await openLane(this.#connection, { limits: this.limits, clock: this.#clock })
      if (lane) this.#lanes.push(lane)
      else this.#noMoreLanes = true
    } catch (error) {
      // One lane does all that is needed. If the connection is lost, those who use it are told.
      if (!(error instanceof PullbackError)) throw error
      this.#noMoreLanes = true
    } finally {
      this.#opening = undefined
    }
  }
}

interface Watch {
  readonly limits: SshLimits
  readonly clock: Clock
}

interface GreetedLane extends SftpLane {
  readonly abilities: ServerAbilities
}

/**
 * Undefined if the server wants no more channels. Until the server has greeted, a failure is one of this channel;
 * after that it ends the connection, for there is one way to recover: a new one.
 */
async function openLane(connection: SshConnection, watch: Watch): Promise<GreetedLane | undefined> {
  const stream = await connection.openSftp()
  if (!stream) return undefined
  let hasGreeted = false
  const onFailure = (error: PullbackError): void => {
    if (hasGreeted) connection.fail(error)
  }
  const channel = new SftpChannel(sshWire(connection, stream, onFailure), watch)
  try {
    const abilities = await greet(channel)
    hasGreeted = true
    return { channel, abilities, handles: new Budget(abilities.handles) }
  } catch (error) {
    const isNotSftp = !connection.lost && isPullbackError(error, 'ConnectionLost', 'SftpViolation')
    throw isNotSftp ? notSftp(connection.place, error) : error
  }
}

function notSftp(place: string, cause: PullbackError): PullbackError {
  return new PullbackError('SftpUnavailable', {
    what: `${place} starts something that is not an SFTP server: ${cause.what}`,
    subject: place,
    advice: 'Check the sftp subsystem in sshd_config, and that no login script of the user prints anything.',
    cause,
  })
}

function openHandles(lane: SftpLane): number {
  return lane.handles.total - lane.handles.free
}

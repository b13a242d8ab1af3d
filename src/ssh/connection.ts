// A connection that is logged in: opens SFTP channels on it, gathers small writes, tells once when it is lost, and
// closes. A lost connection stays lost: whoever needs another makes it.
import type { Socket } from 'node:net'
import type { Channel, Client } from 'ssh2'
import { messageOf, PullbackError } from '../base/errors.ts'

interface Parts {
  readonly client: Client
  readonly socket: Socket
  /** For people: user, host and port. */
  readonly place: string
}

/** How long a server may take to close its side before ours is closed without it. */
const closingMs = 500

export class SshConnection {
  readonly place: string
  readonly #client: Client
  readonly #socket: Socket
  readonly #listeners: ((error: PullbackError) => void)[] = []
  #lost: PullbackError | undefined

  constructor({ client, socket, place }: Parts) {
    this.place = place
    this.#client = client
    this.#socket = socket
    client.on('error', (error) => this.fail(this.#lostBy(error)))
    client.on('close', () => this.fail(this.#lostBy()))
    client.on('end', () => this.fail(this.#lostBy()))
  }

  /** Why the connection is over, if it is. */
  get lost(): PullbackError | undefined {
    return this.#lost
  }

  /** Calls back once, at once if the connection is over already. */
  onLost(listener: (error: PullbackError) => void): void {
    if (this.#lost) listener(this.#lost)
    else this.#listeners.push(listener)
  }

  /**
   * Opens a channel to the server's SFTP subsystem; undefined if the server wants no more channels. Fails with
   * `SftpUnavailable`, or with the reason for which the connection was lost.
   */
  openSftp(): Promise<Channel | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#lost) {
        reject(this.#lost)
        return
      }
      this.onLost(reject)
      this.#client.subsys('sftp', (error, channel) => {
        if (!error) resolve(channel)
        else if (this.#lost) reject(this.#lost)
        // ssh2 gives a reason to a channel that was refused, none to a subsystem that was.
        else if ('reason' in error) resolve(undefined)
        else reject(this.#noSftp(error))
      })
    })
  }

  /** Runs `write`; all that it sends goes out in one piece. */
  together(write: () => void): void {
    this.#socket.cork()
    try {
      write()
    } finally {
      this.#socket.uncork()
    }
  }

  /** Ends the connection for a reason that everybody waiting on it is told. */
  fail(error: PullbackError): void {
    if (this.#lost) return
    this.#lost = error
    this.#socket.destroy()
    for (const listener of this.#listeners.splice(0)) listener(error)
  }

  /** Says goodbye and closes. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve()
      else this.#socket.once('close', () => resolve())
    })
    const impatient = setTimeout(() => this.#socket.destroy(), closingMs)
    this.#lost ??= this.#lostBy()
    this.#client.end()
    for (const listener of this.#listeners.splice(0)) listener(this.#lost)
    await closed
    clearTimeout(impatient)
  }

  #lostBy(cause?: Error): PullbackError {
    const what = `the connection to ${this.place} was lost${cause ? `: ${messageOf(cause)}` : ''}`
    return new PullbackError('ConnectionLost', { what, subject: this.place, cause })
  }

  #noSftp(cause: Error): PullbackError {
    const what = `${this.place} offers no SFTP: ${messageOf(cause)}`
    return new PullbackError('SftpUnavailable', { what, subject: this.place, cause })
  }
}

// Collects what is seen while a connection is made and, if it does not come about, says why. ssh2 reports by message
// and level only, so how far things had come is noted here, and decides between errors that look alike.
import { messageOf, PullbackError, systemCode } from '../base/errors.ts'
import type { Login } from './login.ts'

type Stage = 'network' | 'greeting' | 'key exchange' | 'login'

export interface Failure {
  readonly error: PullbackError
  /** The server asked to come back later. */
  readonly isBusy: boolean
}

export class ConnectFailure {
  readonly #place: string
  readonly #login: Login
  #stage: Stage = 'network'
  #firstBytes = ''
  #cause: unknown
  #decided: PullbackError | undefined

  constructor(place: string, login: Login) {
    this.#place = place
    this.#login = login
  }

  reached(stage: Stage): void {
    this.#stage = stage
  }

  sawFirstBytes(bytes: Buffer): void {
    this.#firstBytes = bytes.subarray(0, 200).toString('latin1')
    if (this.#firstBytes.startsWith('SSH-')) this.#stage = 'key exchange'
  }

  /** The host key was refused: this is the reason, whatever comes after. */
  decided(error: PullbackError): void {
    this.#decided = error
  }

  sawTimeout(): void {
    this.#decided ??= this.#make(
      'HostSilent',
      `${this.#place} did not answer in time (${waitingFor[this.#stage]})`,
    )
  }

  /** Takes an error of ssh2; true if it is the end, false if ssh2 goes on to the next way to log in. */
  saw(error: unknown): boolean {
    this.#cause ??= error
    return levelOf(error) !== 'agent'
  }

  result(): Failure {
    const isBusy = /MaxStartups|too many (connections|startups)/i.test(this.#firstBytes)
    return { error: this.#decided ?? this.#explain(isBusy), isBusy }
  }

  #explain(isBusy: boolean): PullbackError {
    const place = this.#place
    const detail = this.#cause === undefined ? '' : `: ${messageOf(this.#cause)}`
    if (this.#stage === 'login') return this.#login.refused(this.#cause)
    if (this.#stage === 'network') {
      const reason = networkReasons[systemCode(this.#cause) ?? ''] ?? `cannot be reached${detail}`
      return this.#make('HostUnreachable', `${place} ${reason}`)
    }
    if (isBusy) {
      return this.#make(
        'HostUnreachable',
        `${place} lets too few log in at once (MaxStartups), and stays busy`,
      )
    }
    // The only sign of this that ssh2 gives is the words of its message.
    if (/no matching/.test(detail))
      return this.#make('NoCommonAlgorithm', `${place} cannot be talked to${detail}`)
    if (this.#stage === 'key exchange') {
      return this.#make('HostUnreachable', `${place} ended the connection before the login${detail}`)
    }
    const said = printable(this.#firstBytes)
    const what = said
      ? `answers, but not as an SSH server: ${said}`
      : 'closed the connection before any greeting'
    return this.#make('HostUnreachable', `${place} ${what}`)
  }

  #make(code: 'HostUnreachable' | 'HostSilent' | 'NoCommonAlgorithm', what: string): PullbackError {
    return new PullbackError(code, { what, subject: this.#place, cause: this.#cause })
  }
}

const waitingFor: Record<Stage, string> = {
  network: 'nothing came back from its address',
  greeting: 'its port is open, but no SSH greeting came',
  'key exchange': 'it stopped during the key exchange',
  login: 'it stopped during the login',
}

/** Codes of Node's socket and resolver errors. */
const networkReasons: Record<string, string> = {
  ECONNREFUSED: 'refuses connections on this port: no SSH server listens there',
  ENOTFOUND: 'is not a name that can be resolved',
  EAI_AGAIN: 'cannot be resolved: the name server does not answer',
  EHOSTUNREACH: 'cannot be reached: there is no route to it',
  ENETUNREACH: 'cannot be reached: there is no route to its network',
  ECONNRESET: 'reset the connection',
  ETIMEDOUT: 'did not answer',
}

function levelOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'level' in error ? error.level : undefined
}

function printable(text: string): string {
  return JSON.stringify(
    text
      .replace(/[^ -~]+/g, ' ')
      .trim()
      .slice(0, 80),
  ).replace(/^""$/, '')
}

// Chooses, step by step, how to log in: the named key, the password, the agent; without key and password the agent
// and the usual key files. Only what the server still offers is tried, and everything tried is kept for the sentence
// that a refused login ends in. Secrets go to ssh2 and nowhere else.
import type {
  AnyAuthMethod,
  AuthenticationType,
  AuthHandlerMiddleware,
  KeyboardInteractiveAuthMethod,
  NextAuthHandler,
} from 'ssh2'
import { PullbackError } from '../base/errors.ts'
import { namedKey, usualKeys, type LoginKey } from './login-keys.ts'
import { isOn, placeOf, type SshAddress } from './ssh-address.ts'

export interface LoginEnvironment {
  /** Where `.ssh` lies. */
  readonly homeFolder: string
  /** Socket of an SSH agent, if one runs. */
  readonly agentSocket?: string
}

interface Attempt {
  /** For people. */
  readonly name: string
  /** What the server calls it. */
  readonly needs: AuthenticationType
  readonly method: AnyAuthMethod
}

export interface Login {
  readonly handler: AuthHandlerMiddleware
  /** The error that a refused login ends in. */
  readonly refused: (cause?: unknown) => PullbackError
}

/** Prepares everything that can be tried. Fails with `LoginKeyUnusable`, or `LoginRefused` if there is nothing. */
export async function prepareLogin(address: SshAddress, environment: LoginEnvironment): Promise<Login> {
  const attempts = await attemptsFor(address, environment)
  if (attempts.length === 0) {
    throw new PullbackError('LoginRefused', {
      what: `there is no key, no password and no agent to log in to ${placeOf(address)} with`,
      subject: placeOf(address),
      advice: 'Give ssh-keyfile or auth-password, or start an SSH agent.',
    })
  }
  const tried: string[] = []
  let last: Attempt | undefined
  let offered: readonly AuthenticationType[] | null = null
  // The first question comes before the server has said what it offers; asking would cost a round trip.
  const handler = (
    left: AuthenticationType[] | null,
    partial: boolean | null,
    next: NextAuthHandler,
  ): void => {
    offered = left
    const passwordAccepted = partial === true && last?.needs === 'password'
    const index = attempts.findIndex(({ needs }) => isOffered(left, needs, passwordAccepted))
    last = index < 0 ? undefined : attempts.splice(index, 1)[0]
    if (last) tried.push(last.name)
    next(last ? last.method : noMore)
  }
  const refused = (cause?: unknown): PullbackError =>
    new PullbackError('LoginRefused', {
      what:
        `${placeOf(address)} refused the login; tried: ${tried.join(', ') || 'nothing that it offers'}` +
        (offered ? `; it still offers: ${offered.join(', ')}` : ''),
      subject: placeOf(address),
      cause,
    })
  return { handler, refused }
}

/** What ends the attempts: the types of ssh2 forget that its handler may say so. */
const noMore = false as unknown as AnyAuthMethod

function isOffered(
  offered: readonly AuthenticationType[] | null,
  needs: AuthenticationType,
  passwordAccepted: boolean,
): boolean {
  if (offered === null) return true
  // A dialogue stands in for the password; after the password it asks for something else.
  if (needs === 'keyboard-interactive' && (passwordAccepted || offered.includes('password'))) return false
  return offered.includes(needs === 'agent' ? 'publickey' : needs)
}

async function attemptsFor(address: SshAddress, environment: LoginEnvironment): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  const username = address.user
  const { password } = address
  const key = await namedKey(address)
  const addKey = ({ name, key: parsed }: LoginKey): void => {
    attempts.push({ name, needs: 'publickey', method: { type: 'publickey', username, key: parsed } })
  }
  if (key) addKey(key)
  if (password !== undefined) {
    attempts.push({ name: 'password', needs: 'password', method: { type: 'password', username, password } })
    attempts.push(passwordAsAnswer(username, password))
  }
  if (environment.agentSocket && !isOn(address.options, 'ssh-disable-agent')) {
    const method = { type: 'agent', username, agent: environment.agentSocket } as const
    attempts.push({ name: 'the keys of the SSH agent', needs: 'agent', method })
  }
  if (!key && password === undefined) {
    for (const usual of await usualKeys(environment.homeFolder)) addKey(usual)
  }
  return attempts
}

/** Servers that ask for the password in a dialogue: one hidden question is answered, once; any other is not. */
function passwordAsAnswer(username: string, password: string): Attempt {
  let answered = false
  // Name, instructions and language of the dialogue, which are for people, then what it asks.
  const prompt: KeyboardInteractiveAuthMethod['prompt'] = (...[, , , prompts, finish]) => {
    const isPassword = !answered && prompts.length === 1 && prompts[0]?.echo !== true
    answered = true
    finish(prompts.map(() => (isPassword ? password : '')))
  }
  return {
    name: 'password in a dialogue',
    needs: 'keyboard-interactive',
    method: { type: 'keyboard-interactive', username, prompt },
  }
}

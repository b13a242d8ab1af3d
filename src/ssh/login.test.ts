import type { AuthenticationType } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { newKeyPair } from '../../tests/support/client-key.ts'
import { tempFolder } from '../../tests/support/temp-folder.ts'
import { prepareLogin, type Login } from './login.ts'
import { parseSshAddress } from './ssh-address.ts'

const secret = 'canary-password'
const key = encodeURIComponent(newKeyPair().private)

describe('a login', () => {
  it('tries the key, then the password, then the agent', async () => {
    const login = await prepare(`auth-password=${secret}&ssh-key=sshkey://${key}`, '/agent')
    expect(next(login, null)).toBe('publickey')
    expect(next(login, ['publickey', 'password'])).toBe('password')
    expect(next(login, ['publickey', 'password'])).toBe('agent')
    expect(next(login, ['publickey', 'password'])).toBe(false)
  })

  it('tries only what the server offers', async () => {
    const login = await prepare(`auth-password=${secret}&ssh-key=sshkey://${key}`, '/agent')
    expect(next(login, ['password'])).toBe('password')
    expect(next(login, ['gssapi-with-mic' as AuthenticationType])).toBe(false)
  })

  it('leaves the agent alone when told to', async () => {
    const login = await prepare(`auth-password=${secret}&ssh-disable-agent=true`, '/agent')
    expect([next(login, null), next(login, ['password', 'publickey'])]).toEqual(['password', false])
  })

  it('answers a dialogue with the password if the server offers nothing else', async () => {
    const login = await prepare(`auth-password=${secret}`)
    expect(next(login, null)).toBe('password')
    expect(next(login, ['keyboard-interactive'])).toBe('keyboard-interactive')
    const again = await prepare(`auth-password=${secret}`)
    expect([next(again, null), next(again, ['password', 'keyboard-interactive'])]).toEqual([
      'password',
      false,
    ])
  })

  it('does not give the password to the second of two factors', async () => {
    const login = await prepare(`auth-password=${secret}`)
    expect(next(login, null)).toBe('password')
    expect(next(login, ['keyboard-interactive'], true)).toBe(false)
  })

  it('that is refused tells what was tried and what is offered, and no secret', async () => {
    const login = await prepare(`auth-password=${secret}&ssh-key=sshkey://${key}`)
    next(login, null)
    next(login, ['password', 'publickey'])
    next(login, ['publickey'])
    const refusal = login.refused()
    expect(refusal.code).toBe('LoginRefused')
    expect(refusal.what).toContain('u@h refused the login; tried: the key given by ssh-key, password')
    expect(refusal.what).toContain('offers: publickey')
    expect(JSON.stringify([refusal, refusal.what])).not.toContain(secret)
  })

  it('with nothing at all is refused before anything is sent', async () => {
    await expect(prepare('')).rejects.toMatchObject({ code: 'LoginRefused' })
  })
})

function prepare(options: string, agentSocket?: string): Promise<Login> {
  const environment = { homeFolder: tempFolder(), ...(agentSocket ? { agentSocket } : {}) }
  return prepareLogin(parseSshAddress(`ssh://u@h/p?${options}`), environment)
}

/** What the login says to the server's offer; false when it gives up. */
function next(login: Login, left: AuthenticationType[] | null, partial = false): string | false {
  const said: (string | false)[] = []
  login.handler(left as AuthenticationType[], partial, (method) => {
    said.push(typeof method === 'object' ? method.type : method)
  })
  expect(said).toHaveLength(1)
  return said[0] ?? false
}

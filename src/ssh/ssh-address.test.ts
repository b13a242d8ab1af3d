import { userInfo } from 'node:os'
import { describe, expect, it } from 'vitest'
import { isPullbackError, PullbackError } from '../base/errors.ts'
import { labelOf, parseSshAddress } from './ssh-address.ts'

describe('an SSH address', () => {
  it('gives user, host, port and path', () => {
    const address = parseSshAddress('ssh://backup@web1.example:2222/srv/www')
    expect(address).toMatchObject({ user: 'backup', host: 'web1.example', port: 2222, pathIsRelative: false })
    expect(address.path.toString()).toBe('/srv/www')
    expect(address.password).toBeUndefined()
  })

  it('is written with either scheme, in any case', () => {
    expect(parseSshAddress('SFTP://u@Host/x')).toMatchObject({ host: 'host', port: 22 })
  })

  it('takes user and password from the options before the authority', () => {
    const address = parseSshAddress('ssh://a:b@h/p?auth-username=c%40d&auth-password=e%2Bf+g')
    expect(address).toMatchObject({ user: 'c@d', password: 'e+f g' })
    expect(parseSshAddress('ssh://a:b%3A@h/p')).toMatchObject({ user: 'a', password: 'b:' })
  })

  it('falls back to the local user', () => {
    expect(parseSshAddress('ssh://h/p').user).toBe(userInfo().username)
  })

  it('lets its own option win over one given elsewhere', () => {
    const defaults = new Map([
      ['auth-username', 'global'],
      ['ssh-keyfile', '/k'],
    ])
    const address = parseSshAddress('ssh://h/p?auth-username=own', defaults)
    expect(address.user).toBe('own')
    expect(address.options.get('ssh-keyfile')).toBe('/k')
  })

  it('keeps the bytes of a path that is not UTF-8', () => {
    const { path } = parseSshAddress('ssh://u@h/caf%E9/%0a+x/')
    expect(path).toEqual(Buffer.from('/caf\xe9/\n+x', 'latin1'))
  })

  it('has the whole machine, or the login folder, for an empty path', () => {
    expect(parseSshAddress('ssh://u@h').path.toString()).toBe('/')
    expect(parseSshAddress('ssh://u@h/').path.toString()).toBe('/')
    expect(parseSshAddress('ssh://u@h/?ssh-relative-path=true').path.toString()).toBe('.')
    const relative = parseSshAddress('ssh://u@h/a/b?ssh-relative-path')
    expect(relative.path.toString()).toBe('a/b')
    expect(labelOf(relative)).toBe('ssh://u@h/~/a/b')
  })

  it('reads IPv6 in brackets', () => {
    const address = parseSshAddress('ssh://u@[::1]:2200/p')
    expect(address).toMatchObject({ host: '::1', port: 2200 })
    expect(labelOf(address)).toBe('ssh://u@[::1]:2200/p')
  })

  it('repairs the pluses of a SHA-256 fingerprint', () => {
    const written = 'SHA256:a+b/cdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO+'
    expect(parseSshAddress(`ssh://u@h/p?ssh-fingerprint=${written}`).options.get('ssh-fingerprint')).toBe(
      written,
    )
    const md5 = parseSshAddress('ssh://u@h/p?ssh-fingerprint=ssh-rsa+2048+aa:bb').options.get(
      'ssh-fingerprint',
    )
    expect(md5).toBe('ssh-rsa 2048 aa:bb')
  })

  it.each([
    'http://h/p',
    'ssh://',
    'ssh:///p',
    'ssh://u@-oProxyCommand=x/p',
    'ssh://-u@h/p',
    'ssh://h/p?auth-username=-l',
    'ssh://u@h:0/p',
    'ssh://u@h:70000/p',
    'ssh://u@a%20b/p',
    'ssh://u@h/p%00q',
    'ssh://u@h/p?ssh-accept-any-fingerprints=true',
  ])('%s is refused', (text) => {
    expect(() => parseSshAddress(text)).toThrow(PullbackError)
  })

  it('never shows a password', () => {
    const secret = 'hunter2-canary'
    expect(labelOf(parseSshAddress(`ssh://u:${secret}@h/p?ssh-key=${secret}`))).not.toContain(secret)
    for (const bad of [`ssh://u:${secret}@-h/p`, `ssh://u:${secret}@h:0/p`, `ssh://u:${secret}@/p`]) {
      expect(messageOfRefusal(bad)).not.toContain(secret)
    }
  })
})

function messageOfRefusal(text: string): string {
  try {
    parseSshAddress(text)
  } catch (error) {
    if (isPullbackError(error, 'BadOption')) return `${error.what} ${error.advice} ${error.subject ?? ''}`
    throw error
  }
  throw new Error('it was not refused')
}

// Everything that can stand between us and a machine's files, each with its own code and a sentence that helps.
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { newKeyPair } from '../support/client-key.ts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import { isPullbackError, type PullbackError } from '../../src/base/errors.ts'
import type { Source } from '../../src/sources/source.ts'
import { sshdInstalled } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { keyLogin, password, passwordLogin, serverHere, shortLimits, sourceAt, sshdHere } from './ssh-lab.ts'

const signal = neverAborted()

describe('the key of a machine', () => {
  it('that is not known ends the connection before any credential is sent', async () => {
    const server = await serverHere()
    const { 'ssh-fingerprint': fingerprint, ...options } = passwordLogin(server)
    const error = await refusal(sourceAt({ port: server.port, options }))
    expect(error.code).toBe('HostKeyUnknown')
    expect(error.what).toContain(`127.0.0.1:${server.port}`)
    expect(error.what).toContain(fingerprint)
    expect(error.advice).toContain(server.hostKeyLine)
  })

  it('is accepted by the line that a person was told to add', async () => {
    const server = await serverHere()
    const { 'ssh-fingerprint': _, ...options } = passwordLogin(server)
    const file = join(tempFolder(), 'known_hosts')
    const { advice } = await refusal(sourceAt({ port: server.port, options }))
    writeFileSync(file, `${advice.split('known_hosts: ')[1]}\n`)
    const source = sourceAt({ port: server.port, options: { ...options, 'ssh-known-hosts': file } })
    await expect(source.open(signal)).resolves.toBeDefined()
  })

  it('that is another one than before ends the connection, and both are named', async () => {
    const server = await serverHere()
    const { 'ssh-fingerprint': fingerprint, ...options } = passwordLogin(server)
    const other = newKeyPair().public.split(' ')
    const file = join(tempFolder(), 'known_hosts')
    writeFileSync(file, `[127.0.0.1]:${server.port} ${other[0]} ${other[1]}\n`)
    const error = await refusal(
      sourceAt({ port: server.port, options: { ...options, 'ssh-known-hosts': file } }),
    )
    expect(error.code).toBe('HostKeyChanged')
    expect(error.what.match(/SHA256:/g)).toHaveLength(2)
    expect(error.what).toContain(fingerprint)
  })

  it.skipIf(!sshdInstalled())('is the one that is known when the machine has several', async () => {
    const sshd = await sshdHere({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
    for (const line of sshd.hostKeyLines) {
      const file = join(tempFolder(), 'known_hosts')
      writeFileSync(file, `${line}\n`)
      const options = { 'ssh-keyfile': sshd.keyFile, 'ssh-known-hosts': file }
      await sourceAt({ port: sshd.port, path: tempFolder(), options }).open(signal)
    }
  })

  it('cannot be looked up in a file that is not there', async () => {
    const options = { 'auth-password': 'x', 'ssh-known-hosts': '/nowhere/known_hosts' }
    expect(await refusal(sourceAt({ port: 1, options }))).toMatchObject({ code: 'BadOption' })
  })
})

describe('a login', () => {
  it('with a wrong password names who, where, what was tried and what is offered', async () => {
    const server = await serverHere()
    const options = { ...passwordLogin(server), 'auth-password': 'wrong-canary' }
    const error = await refusal(sourceAt({ port: server.port, options }))
    expect(error.code).toBe('LoginRefused')
    expect(error.what).toContain(`ada@127.0.0.1:${server.port} refused the login; tried: password`)
    expect(error.what).toContain('offers: publickey, password')
    expect(everythingSaid(error)).not.toContain('wrong-canary')
  })

  it.skipIf(!sshdInstalled())('with a key that is not authorized is refused', async () => {
    const sshd = await sshdHere()
    const file = join(tempFolder(), 'key')
    writeFileSync(file, newKeyPair().private)
    const error = await refusal(
      sourceAt({ port: sshd.port, options: { ...keyLogin(sshd), 'ssh-keyfile': file } }),
    )
    expect(error.code).toBe('LoginRefused')
    expect(error.what).toContain(`tried: the key ${file}; it still offers: publickey`)
  })

  it('without any means is refused before connecting', async () => {
    expect(await refusal(sourceAt({ port: 1, options: {} }))).toMatchObject({ code: 'LoginRefused' })
  })

  it('with a key under a passphrase says whether there was none or it is wrong', async () => {
    const file = join(tempFolder(), 'key')
    const sealed = { passphrase: 'canary-phrase', cipher: 'aes256-cbc', rounds: 1 }
    writeFileSync(file, newKeyPair(sealed).private)
    const without = await refusal(sourceAt({ port: 1, options: { 'ssh-keyfile': file } }))
    expect(without).toMatchObject({ code: 'LoginKeyUnusable' })
    expect(without.what).toBe(`the key ${file} is encrypted and no passphrase was given`)
    const wrong = await refusal(
      sourceAt({ port: 1, options: { 'ssh-keyfile': file, 'auth-password': 'canary-2' } }),
    )
    expect(wrong.what).toBe(`the passphrase does not open the key ${file}`)
    expect(everythingSaid(wrong)).not.toContain('canary-2')
  })

  it('answers the dialogue of a server that offers nothing else', async () => {
    const { port, fingerprint } = await dialogueServer()
    const options = { 'auth-username': 'ada', 'ssh-fingerprint': fingerprint, 'ssh-disable-agent': 'true' }
    const right = await refusal(sourceAt({ port, options: { ...options, 'auth-password': password } }))
    // It lets us in, and then has no SFTP.
    expect(right.code).toBe('SftpUnavailable')
    const wrong = await refusal(sourceAt({ port, options: { ...options, 'auth-password': 'wrong' } }))
    expect(wrong.code).toBe('LoginRefused')
  })

  it('goes on without an agent that does not answer', async () => {
    const server = await serverHere()
    const { 'ssh-disable-agent': _, 'auth-password': __, ...options } = passwordLogin(server)
    const source = sourceAt({ port: server.port, options, agentSocket: '/nowhere/agent' })
    expect(await refusal(source)).toMatchObject({ code: 'LoginRefused' })
  })
})

describe('a machine', () => {
  it('whose port is closed is unreachable', async () => {
    const port = await closedPort()
    const error = await refusal(sourceAt({ port, user: 'ada', options: { 'auth-password': password } }))
    expect(error.code).toBe('HostUnreachable')
    expect(error.what).toContain(`ada@127.0.0.1:${port} refuses connections`)
    expect(everythingSaid(error)).not.toContain(password)
  })

  it('whose name does not exist is unreachable', async () => {
    const error = await refusal(
      sourceAt({ port: 22, host: 'nowhere.invalid', options: { 'auth-password': 'x' } }),
    )
    expect(error.code).toBe('HostUnreachable')
    expect(error.what).toContain('nowhere.invalid')
  })

  it('that takes the connection and says nothing is silent', async () => {
    const port = await tcpServer(() => undefined)
    const limits = { ...shortLimits, loginMs: 200 }
    const error = await refusal(sourceAt({ port, options: { 'auth-password': 'x' }, limits }))
    expect(error.code).toBe('HostSilent')
    expect(error.what).toContain('no SSH greeting came')
  })

  it('that speaks something else is told apart', async () => {
    const port = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const error = await refusal(sourceAt({ port, options: { 'auth-password': 'x' } }))
    expect(error.code).toBe('HostUnreachable')
    expect(error.what).toContain('not as an SSH server: "HTTP/1.1 400 Bad Request"')
  })

  it('that hangs up at once is unreachable', async () => {
    const port = await tcpServer((socket) => socket.end())
    const error = await refusal(sourceAt({ port, options: { 'auth-password': 'x' } }))
    expect(error).toMatchObject({ code: 'HostUnreachable' })
    expect(error.what).toContain('before any greeting')
  })

  it('that is busy is tried again, and only so often', async () => {
    const server = await serverHere()
    let greeted = 0
    const port = await tcpServer((socket) => {
      greeted++
      socket.end('Exceeded MaxStartups\r\n')
    })
    const limits = { ...shortLimits, busyRetriesMs: [1, 1] }
    const error = await refusal(sourceAt({ port, options: passwordLogin(server), limits }))
    expect(error).toMatchObject({ code: 'HostUnreachable' })
    expect(error.what).toContain('MaxStartups')
    expect(greeted).toBe(3)
  })

  it.skipIf(!sshdInstalled())('with only outdated algorithms is refused with their names', async () => {
    const sshd = await sshdHere({
      extraLines: ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes128-cbc', 'MACs hmac-sha1'],
    })
    const error = await refusal(sourceAt({ port: sshd.port, options: keyLogin(sshd) }))
    expect(error.code).toBe('NoCommonAlgorithm')
    expect(error.what).toContain('key exchange algorithm')
  })

  it.skipIf(!sshdInstalled()).each([
    ['no SFTP', { subsystem: null }, 'offers no SFTP'],
    ['an SFTP server that does not start', { subsystem: '/bin/false' }, 'not an SFTP server'],
    [
      'a login script that prints',
      { subsystem: '/bin/echo Welcome to this fine machine' },
      'not an SFTP server',
    ],
    ['no session at all', { extraLines: ['MaxSessions 0'] }, 'opens no session'],
  ])('with %s says so', async (_name, options, words) => {
    const sshd = await sshdHere(options)
    const error = await refusal(sourceAt({ port: sshd.port, options: keyLogin(sshd) }))
    expect(error.code).toBe('SftpUnavailable')
    expect(error.what).toContain(words)
  })

  it('is not waited for after the stop', async () => {
    const port = await tcpServer(() => undefined)
    const stop = new AbortController()
    const opening = sourceAt({ port, options: { 'auth-password': 'x' } }).open(stop.signal)
    setImmediate(() => stop.abort())
    await expect(opening).rejects.toMatchObject({ code: 'Cancelled' })
  })
})

async function refusal(source: Source): Promise<PullbackError> {
  try {
    await source.open(signal)
  } catch (error) {
    if (isPullbackError(error)) return error
    throw error
  }
  throw new Error('it was not refused')
}

function everythingSaid(error: PullbackError): string {
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return [error.what, error.advice, error.meaning, error.subject, cause, error.stack].join('\n')
}

async function closedPort(): Promise<number> {
  const listener = createServer()
  const port = await listening(listener)
  await new Promise((resolve) => listener.close(resolve))
  return port
}

async function tcpServer(greet: (socket: import('node:net').Socket) => void): Promise<number> {
  const sockets = new Set<import('node:net').Socket>()
  const listener = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    greet(socket)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    listener.close()
  })
  return listening(listener)
}

function listening(listener: import('node:net').Server): Promise<number> {
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port))
  })
}

/** A server that asks for the password in a dialogue, and takes no session. */
async function dialogueServer(): Promise<{ port: number; fingerprint: string }> {
  const hostKey = newKeyPair()
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      if (context.method !== 'keyboard-interactive') {
        context.reject(['keyboard-interactive'])
        return
      }
      context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
        if (answers[0] === password) context.accept()
        else context.reject(['keyboard-interactive'])
      })
    })
    client.on('session', (_accept, reject) => reject())
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  onTestFinished(() => void server.close())
  const parsed = ssh2.utils.parseKey(hostKey.public)
  if (parsed instanceof Error) throw parsed
  const { sha256Fingerprint } = await import('../../src/ssh/fingerprint.ts')
  return { port, fingerprint: sha256Fingerprint(parsed.getPublicSSH()) }
}

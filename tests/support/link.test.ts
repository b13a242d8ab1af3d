import { createServer, connect, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLink, type Link, type LinkOptions } from './link.ts'

let echo: Server
let link: Link | undefined

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  await link?.close()
  await new Promise((resolve) => echo.close(resolve))
})

describe('a link', () => {
  it('carries all bytes in order, late by the delay of both ways', async () => {
    const client = await connected({ oneWayMs: 20 })
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) & 255))
    const startedMs = performance.now()
    const received = await exchange(client, sent)
    expect(received.equals(sent)).toBe(true)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(39)
  })

  it('is as narrow as asked', async () => {
    const client = await connected({ bytesPerSecond: 1_000_000 })
    const startedMs = performance.now()
    await exchange(client, Buffer.alloc(100_000))
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(95)
  })

  it('resets both ends after the bytes it was told', async () => {
    const client = await connected({ cutAfterBytesUp: 1000 })
    const ended = broken(client)
    client.write(Buffer.alloc(5000))
    expect(await ended).toBe('ECONNRESET')
    expect(link?.traffic.up).toBe(1000)
  })

  it('resets open lines on call, and refuses new ones when told', async () => {
    const client = await connected({})
    await exchange(client, Buffer.from('x'))
    link?.refuse(true)
    const ended = broken(client)
    link?.resetAll()
    expect(await ended).toBe('ECONNRESET')
    const second = connect(link?.port ?? 0, '127.0.0.1')
    expect(await broken(second)).toBe('ECONNRESET')
  })

  it('swallows bytes as a black hole', async () => {
    const client = await connected({})
    await exchange(client, Buffer.from('before'))
    link?.blackHole(true)
    client.write('lost')
    await until(() => link?.traffic.up === 10)
    link?.blackHole(false)
    expect((await exchange(client, Buffer.from('found'))).toString()).toBe('found')
  })
})

async function connected(options: Omit<LinkOptions, 'port'>): Promise<Socket> {
  const address = echo.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  link = await startLink({ port: address.port, ...options })
  return connect(link.port, '127.0.0.1')
}

function exchange(client: Socket, sent: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const got: Buffer[] = []
    let count = 0
    const onData = (chunk: Buffer): void => {
      got.push(chunk)
      count += chunk.length
      if (count < sent.length) return
      client.off('data', onData)
      resolve(Buffer.concat(got))
    }
    client.on('data', onData)
    client.once('error', reject)
    client.write(sent)
  })
}

function broken(client: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    client.once('error', (error) => resolve('code' in error ? String(error.code) : undefined))
    client.once('close', () => resolve('closed'))
  })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

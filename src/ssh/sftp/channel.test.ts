import { describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { PullbackError } from '../../base/errors.ts'
import { usualLimits } from '../limits.ts'
import { SftpChannel } from './channel.ts'
import { PacketReader, PacketSplitter } from './packet.ts'
import { packetType, SftpRefusal } from './reply.ts'
import { lstat, openFile, read } from './verbs.ts'

const path = Buffer.from('/x')

describe('an SFTP channel', () => {
  it('gives each answer to the one who asked, in whatever order they come', async () => {
    const { channel, server } = pair()
    const answers = ['a', 'b', 'c'].map((name) => openFile(channel, Buffer.from(name)))
    const asked = await server.asked(3)
    for (const { id, body } of asked.reverse()) server.answer(packetType.handle, id, body.string())
    expect((await Promise.all(answers)).map(String)).toEqual(['a', 'b', 'c'])
  })

  it('sends what is asked in one turn in one piece, in order', async () => {
    const { channel, server } = pair()
    const answers = [1, 2, 3].map((offset) => read(channel, path, { offset, length: 1 }))
    const asked = await server.asked(3)
    expect(server.sends()).toBe(1)
    for (const { id } of asked) server.answer(packetType.data, id, Buffer.from('x'))
    await Promise.all(answers)
  })

  it('lives on when one question is refused', async () => {
    const { channel, server } = pair()
    const refused = lstat(channel, path)
    const [first] = await server.asked(1)
    server.status(first.id, 3, 'no\nway')
    await expect(refused).rejects.toBeInstanceOf(SftpRefusal)
    await expect(refused).rejects.toMatchObject({ status: 3, message: 'no way' })
    const handle = openFile(channel, path)
    const [second] = await server.asked(1)
    server.answer(packetType.handle, second.id, Buffer.from('h'))
    expect(String(await handle)).toBe('h')
  })

  it.each([
    [
      'an answer nobody asked for',
      (server: Server, id: number) => server.answer(103, id + 7, Buffer.from('x')),
    ],
    ['an answer of the wrong kind', (server: Server, id: number) => server.answer(105, id, Buffer.alloc(4))],
    [
      'an answer that is cut short',
      (server: Server, id: number) => server.raw([0, 0, 0, 6, 103, 0, 0, 0, id, 0]),
    ],
    [
      'more bytes than were asked for',
      (server: Server, id: number) => server.answer(103, id, Buffer.alloc(11)),
    ],
    ['a packet that is too long', (server: Server) => server.raw([1, 0, 0, 0])],
  ])('ends with a violation at %s', async (_name, misbehave) => {
    const { channel, server } = pair()
    const questions = [
      read(channel, path, { offset: 0, length: 10 }),
      read(channel, path, { offset: 9, length: 9 }),
    ]
    const settled = Promise.allSettled(questions)
    const [first] = await server.asked(2)
    misbehave(server, first.id)
    for (const one of await settled) {
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'SftpViolation' } })
    }
    await expect(lstat(channel, path)).rejects.toMatchObject({ code: 'SftpViolation' })
    expect(server.failedWith()?.code).toBe('SftpViolation')
  })

  it('ends when an answer is owed and nothing comes', async () => {
    const { channel, server } = pair(12)
    await expect(lstat(channel, path)).rejects.toMatchObject({ code: 'RequestTimeout' })
    expect(server.failedWith()?.code).toBe('RequestTimeout')
  })

  it('ends when one answer never comes while others do', async () => {
    const { channel, server } = pair(60, 120)
    const never = lstat(channel, path)
    await server.asked(1)
    let hasEnded = false
    never.catch(() => (hasEnded = true))
    while (!hasEnded) {
      const question = read(channel, path, { offset: 0, length: 1 })
      void server.asked(1).then(([one]) => server.answer(packetType.data, one.id, Buffer.from('x')))
      await question.catch(() => undefined)
    }
    await expect(never).rejects.toMatchObject({ code: 'RequestTimeout' })
  })

  it('fails all questions when the line is lost', async () => {
    const { channel, server } = pair()
    const question = lstat(channel, path)
    server.lose(new PullbackError('ConnectionLost', { what: 'cut' }))
    await expect(question).rejects.toMatchObject({ code: 'ConnectionLost' })
    await expect(lstat(channel, path)).rejects.toMatchObject({ code: 'ConnectionLost' })
  })
})

interface Asked {
  readonly id: number
  readonly body: PacketReader
}

interface Server {
  /** The next questions, once there are so many. */
  asked(count: 1): Promise<[Asked]>
  asked(count: 2): Promise<[Asked, Asked]>
  asked(count: number): Promise<Asked[]>
  answer(type: number, id: number, field: Buffer): void
  status(id: number, code: number, text: string): void
  raw(bytes: number[]): void
  lose(error: PullbackError): void
  sends(): number
  failedWith(): PullbackError | undefined
}

/** A channel, and the other end of its line. */
function pair(silenceMs = 60_000, requestMs = 600_000): { channel: SftpChannel; server: Server } {
  const questions: Asked[] = []
  let wake = (): void => undefined
  const splitter = new PacketSplitter((packet) => {
    const body = new PacketReader(packet)
    body.byte()
    questions.push({ id: body.uint32(), body })
    wake()
  })
  let sends = 0
  let failure: PullbackError | undefined
  let listener: { onBytes: (bytes: Buffer) => void; onLost: (error: PullbackError) => void } | undefined
  const wire = {
    place: 'u@h',
    send: (bytes: Buffer) => {
      sends++
      splitter.push(bytes)
    },
    listen: (given: NonNullable<typeof listener>) => (listener = given),
    fail: (error: PullbackError) => (failure = error),
  }
  const limits = { ...usualLimits, silenceMs, requestMs }
  const channel = new SftpChannel(wire, { limits, clock: systemClock })
  const send = (type: number, id: number, rest: Buffer): void => {
    const head = Buffer.alloc(9)
    head.writeUInt32BE(5 + rest.length)
    head[4] = type
    head.writeUInt32BE(id, 5)
    listener?.onBytes(Buffer.concat([head, rest]))
  }
  const string = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const asked = async (count: number): Promise<Asked[]> => {
    while (questions.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return questions.splice(0, count)
  }
  const server = {
    asked,
    answer: (type: number, id: number, bytes: Buffer) => send(type, id, string(bytes)),
    status: (id: number, code: number, text: string) =>
      send(packetType.status, id, Buffer.concat([Buffer.from([0, 0, 0, code]), string(Buffer.from(text))])),
    raw: (bytes: number[]) => listener?.onBytes(Buffer.from(bytes)),
    lose: (error: PullbackError) => listener?.onLost(error),
    sends: () => sends,
    failedWith: () => failure,
  } as Server
  return { channel, server }
}

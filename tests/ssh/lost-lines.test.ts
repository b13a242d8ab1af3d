// Lines that break in the middle: the work goes on where that can be done, ends in bounded time where it cannot, and
// leaves nothing open behind it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { neverAborted } from '../../src/base/abort.ts'
import type { Source } from '../../src/sources/source.ts'
import { entriesOf, entryAt, listAll, pattern, readFile } from '../../src/sources/suite/reading.ts'
import type { FaultPlan } from '../support/sftp-server/fault-plan.ts'
import type { SftpServer } from '../support/sftp-server/start-sftp-server.ts'
import { startLink, type Link } from '../support/link.ts'
import { sshdInstalled } from '../support/sshd-lab.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { manyFiles } from '../support/trees.ts'
import { keyLogin, passwordLogin, serverHere, sourceAt, sshdHere } from './ssh-lab.ts'

const signal = neverAborted()
const long = 12_000_000

describe('a line that breaks once', () => {
  it('in the middle of a long file costs nothing but time', async () => {
    const { source, link, folder } = await overLink()
    writeFileSync(join(folder, 'long'), pattern(long))
    const file = await entryAt(source, 'long')
    link.cutAfter(long / 2)
    const { content, after } = await readFile(source, file)
    expect(content.equals(pattern(long))).toBe(true)
    expect(after).toEqual({ sizeBytes: long, modifiedNs: file.entry.modifiedNs })
    expect(link.traffic.connections).toBe(2)
  })

  it('in the middle of many small files costs none of them', async () => {
    const { source, link, folder } = await overLink()
    manyFiles(folder, 1000)
    const files = [...(await entriesOf(source)).values()].filter(({ entry }) => entry.kind === 'file')
    link.cutAfter(200_000)
    const read = await Promise.all(files.map(async (file) => (await readFile(source, file)).content.length))
    expect(read).toEqual(files.map(({ entry }) => entry.sizeBytes))
    expect(link.traffic.connections).toBe(2)
  })

  it('in the middle of a scan costs no folder', async () => {
    const { source, link, folder } = await overLink()
    manyFiles(folder, 5000)
    const whole = (await listAll(source)).length
    link.cutAfter(30_000)
    const again = await listAll(source)
    expect(again).toHaveLength(whole)
    expect(new Set(again.map(({ path }) => path.toString())).size).toBe(whole)
    expect(link.traffic.connections).toBe(2)
  })

  it('again and again is mended each time, as long as something gets through in between', async () => {
    const { source, link, folder } = await overLink()
    writeFileSync(join(folder, 'long'), pattern(long))
    const file = await entryAt(source, 'long')
    link.cutAfter(long / 4)
    const reading = await source.read(file, signal)
    let length = 0
    let connections = link.traffic.connections
    for await (const chunk of reading.chunks) {
      length += chunk.length
      if (link.traffic.connections > connections) link.cutAfter(long / 4)
      connections = link.traffic.connections
    }
    expect(length).toBe(long)
    expect(link.traffic.connections).toBeGreaterThan(3)
  })

  it.skipIf(!sshdInstalled())('by the death of the server process is mended too', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'long'), pattern(long))
    const sshd = await sshdHere()
    const source = sourceAt({ port: sshd.port, path: folder, options: keyLogin(sshd) })
    await source.open(signal)
    const reading = await source.read(await entryAt(source, 'long'), signal)
    const chunks: Buffer[] = []
    for await (const chunk of reading.chunks) {
      if (chunks.length === 3) sshd.killSessions()
      chunks.push(Buffer.from(chunk))
    }
    expect(Buffer.concat(chunks).equals(pattern(long))).toBe(true)
  })
})

describe('a line that cannot be mended', () => {
  it('ends in the word that it was lost, and why it stays so', async () => {
    const { source, link, folder } = await overLink()
    writeFileSync(join(folder, 'long'), pattern(long))
    const file = await entryAt(source, 'long')
    link.cutAfter(long / 2)
    link.refuse(true)
    const reading = readFile(source, file)
    await expect(reading).rejects.toMatchObject({ code: 'ConnectionLost', kind: 'source-gone' })
    await expect(reading).rejects.toThrow(/127\.0\.0\.1.*could not be taken up again/)
  })

  it('because it swallows everything is noticed in bounded time', async () => {
    const { source, link, folder } = await overLink()
    writeFileSync(join(folder, 'long'), pattern(long))
    const file = await entryAt(source, 'long')
    const reading = await source.read(file, signal)
    link.blackHole(true)
    const read = Array.fromAsync(reading.chunks)
    await expect(read).rejects.toMatchObject({ kind: 'source-gone' })
  })

  it('because one file breaks it each time is not tried for ever', async () => {
    const faults: FaultPlan = ({ verb, path }) =>
      verb === 'READ' && path?.toString().endsWith('/poison') ? { do: 'drop' } : undefined
    for (const size of [100, 1_000_000]) {
      const { source, folder, server } = await overLink(faults)
      writeFileSync(join(folder, 'poison'), pattern(size))
      const file = await entryAt(source, 'poison')
      await expect(readFile(source, file)).rejects.toMatchObject({ code: 'ConnectionLost' })
      expect(server.connections()).toBeLessThan(6)
    }
  })

  it('because one answer never comes is ended by the clock', async () => {
    const faults: FaultPlan = ({ verb }) => (verb === 'READ' ? { do: 'silence' } : undefined)
    const { source, folder } = await overLink(faults)
    writeFileSync(join(folder, 'file'), 'x')
    const file = await entryAt(source, 'file')
    await expect(readFile(source, file)).rejects.toMatchObject({
      code: 'RequestTimeout',
      kind: 'source-gone',
    })
  })
})

describe('a stop', () => {
  it('in the middle of everything leaves no socket and no timer', async () => {
    const before = resources()
    const { source, folder, link, server } = await overLink()
    manyFiles(folder, 500)
    writeFileSync(join(folder, 'long'), pattern(long))
    const files = [...(await entriesOf(source)).values()].filter(({ entry }) => entry.kind === 'file')
    const stop = new AbortController()
    const reading = Promise.allSettled(files.map((file) => readFile(source, file, stop.signal)))
    const scanning = Promise.allSettled([
      Array.fromAsync(source.scan({ signal: stop.signal, enter: () => true })),
    ])
    setImmediate(() => stop.abort())
    const outcomes = [...(await reading), ...(await scanning)]
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(failed.length).toBeGreaterThan(0)
    for (const outcome of failed) expect(outcome.reason).toMatchObject({ code: 'Cancelled' })
    await source.close()
    await link.close()
    await server.close()
    const left = resources()
    for (const kind of new Set(left)) expect(countOf(left, kind)).toBeLessThanOrEqual(countOf(before, kind))
  })
})

interface OverLink {
  readonly source: Source
  readonly link: Link
  readonly folder: string
  readonly server: SftpServer
}

/** An opened source whose line the test can break. */
async function overLink(faults?: FaultPlan): Promise<OverLink> {
  const folder = tempFolder()
  const server = await serverHere(faults ? { faults } : {})
  const link = await startLink({ port: server.port })
  onTestFinished(() => link.close())
  const source = sourceAt({ port: link.port, path: folder, options: passwordLogin(server) })
  await source.open(signal)
  return { source, link, folder, server }
}

function countOf(kinds: readonly string[], kind: string): number {
  return kinds.filter((one) => one === kind).length
}

/** What keeps this process alive now, of the kinds that we make. */
function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => ['TCPSocketWrap', 'TCPServerWrap', 'Timeout'].includes(kind))
    .sort()
}

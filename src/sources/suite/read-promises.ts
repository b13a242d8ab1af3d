// The suite's promises about reading: every length byte for byte, many together, and the same twice.
import { expect } from 'vitest'
import type { Promises, SourceCapabilities } from '../suite.ts'
import { entriesOf, entryAt, pattern, readFile, stateOf } from './reading.ts'

/** Around every length at which an adapter may begin to do something else. */
const edges = [
  0,
  1,
  4096,
  32 * 1024 - 1,
  32 * 1024,
  32 * 1024 + 1,
  255 * 1024 - 1,
  255 * 1024,
  255 * 1024 + 1,
  256 * 1024,
  1024 * 1024 - 1,
  1024 * 1024,
  1024 * 1024 + 1,
]

export function readPromises(promises: Promises, { largestBytes }: SourceCapabilities): void {
  promises('every length is read byte for byte, and looks as it was listed', async ({ tree, opened }) => {
    for (const length of [...edges, largestBytes]) tree.writeFile(`length ${length}`, pattern(length))
    const source = await opened()
    const entries = await entriesOf(source)
    for (const [name, file] of entries) {
      const { content, after } = await readFile(source, file)
      expect(content.length, name).toBe(file.entry.sizeBytes)
      expect(content.equals(pattern(content.length)), name).toBe(true)
      expect(after, name).toEqual(stateOf(file.entry))
    }
  })

  promises('names that are no text are read', async ({ tree, opened }) => {
    const path = Buffer.from('\xff folder\n/\xfe\\file', 'latin1')
    tree.writeFile(path, Buffer.from('found'))
    const source = await opened()
    const file = (await entriesOf(source)).get(path.toString('latin1'))
    expect(file && (await readFile(source, file)).content.toString()).toBe('found')
  })

  promises('a file is the same when read twice', async ({ tree, opened }) => {
    tree.writeFile('file', pattern(300_000))
    const source = await opened()
    const file = await entryAt(source, 'file')
    const first = await readFile(source, file)
    const second = await readFile(source, file)
    expect(first.content.equals(second.content)).toBe(true)
    expect(second.after).toEqual(first.after)
  })

  togetherPromises(promises)
  forbiddenPromise(promises)
}

function togetherPromises(promises: Promises): void {
  promises('200 small files and 4 long ones are read together', async ({ tree, opened }) => {
    for (let index = 0; index < 200; index += 1)
      tree.writeFile(`small ${index}`, Buffer.from(`small ${index}`))
    for (let index = 0; index < 4; index += 1) tree.writeFile(`long ${index}`, pattern(1_500_000 + index))
    const source = await opened()
    const files = [...(await entriesOf(source))]
    const { signal } = new AbortController()
    const readings = await Promise.all(files.map(([, file]) => source.read(file, signal)))
    // Begun together, used one after the other: a chunk is valid until the next is asked for, of any file.
    for (const [index, [name]] of files.entries()) {
      const chunks: Buffer[] = []
      for await (const chunk of readings[index]?.chunks ?? []) chunks.push(Buffer.from(chunk))
      const content = Buffer.concat(chunks)
      const wanted = name.startsWith('small') ? Buffer.from(name) : pattern(content.length)
      expect(content.equals(wanted), name).toBe(true)
    }
  })

  promises('begun readings are kept until their chunks are asked for', async ({ tree, opened }) => {
    for (const name of ['a', 'b', 'c']) tree.writeFile(name, pattern(name.charCodeAt(0) * 1000))
    tree.writeFile('long', pattern(2_000_000))
    const source = await opened()
    const files = [...(await entriesOf(source)).values()]
    const signal = new AbortController().signal
    const readings = await Promise.all(files.map((file) => source.read(file, signal)))
    for (const [index, reading] of readings.entries()) {
      const chunks: Buffer[] = []
      for await (const chunk of reading.chunks) chunks.push(Buffer.from(chunk))
      const content = Buffer.concat(chunks)
      expect(content.length).toBe(files[index]?.entry.sizeBytes)
      expect(content.equals(pattern(content.length))).toBe(true)
    }
  })
}

function forbiddenPromise(promises: Promises): void {
  promises('a file that may not be read is an unreadable entry', async ({ lab, tree, opened }) => {
    if (!lab.forbid) return
    tree.writeFile('forbidden', Buffer.from('x'))
    tree.writeFile('allowed', Buffer.from('y'))
    lab.forbid('forbidden')
    const source = await opened()
    const entries = await entriesOf(source)
    const forbidden = entries.get('forbidden')
    const allowed = entries.get('allowed')
    expect(forbidden?.entry).toMatchObject({ kind: 'file', sizeBytes: 1 })
    await expect(forbidden && readFile(source, forbidden)).rejects.toMatchObject({ code: 'EntryUnreadable' })
    expect(allowed && (await readFile(source, allowed)).content.toString()).toBe('y')
  })
}

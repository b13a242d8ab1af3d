// The suite's promises about stopping: every verb ends in `Cancelled`, and a source that was left midway still works.
import { expect } from 'vitest'
import { neverAborted } from '../../base/abort.ts'
import type { Promises } from '../suite.ts'
import { entryAt, listAll, pattern, readFile } from './reading.ts'

const cancelled = { code: 'Cancelled' }

export function stopPromises(promises: Promises): void {
  promises('no verb begins anything after the stop', async ({ lab, tree, opened }) => {
    tree.writeFile('file', pattern(10))
    const source = await opened()
    const file = await entryAt(source, 'file')
    const signal = AbortSignal.abort()
    const unopened = lab.connect()
    await expect(unopened.open(signal)).rejects.toMatchObject(cancelled)
    await unopened.close()
    await expect(Array.fromAsync(source.scan({ signal, enter: () => true }))).rejects.toMatchObject(cancelled)
    await expect(readFile(source, file, signal)).rejects.toMatchObject(cancelled)
  })

  promises('a scan is stopped between two listings', async ({ tree, opened }) => {
    for (let index = 0; index < 500; index += 1) tree.makeFolder(`folder ${index}`)
    const source = await opened()
    const stop = new AbortController()
    const scanning = async (): Promise<void> => {
      for await (const listing of source.scan({ signal: stop.signal, enter: () => true })) {
        if (listing.path.length > 0) stop.abort()
      }
    }
    await expect(scanning()).rejects.toMatchObject(cancelled)
  })

  promises('a reading is stopped between two chunks', async ({ tree, opened }) => {
    tree.writeFile('long', pattern(8_000_000))
    const source = await opened()
    const stop = new AbortController()
    const reading = await source.read(await entryAt(source, 'long'), stop.signal)
    const chunks = async (): Promise<void> => {
      for await (const chunk of reading.chunks) if (chunk.length > 0) stop.abort()
    }
    await expect(chunks()).rejects.toMatchObject(cancelled)
  })

  promises(
    'a scan and a reading that are left midway leave the source as it was',
    async ({ tree, opened }) => {
      for (let index = 0; index < 20; index += 1) tree.writeFile(`folder ${index}/file`, pattern(index))
      tree.writeFile('long', pattern(4_000_000))
      const source = await opened()
      for await (const listing of source.scan({ signal: neverAborted(), enter: () => true })) {
        if (listing.path.length > 0) break
      }
      const long = await entryAt(source, 'long')
      for await (const chunk of (await source.read(long, neverAborted())).chunks) if (chunk.length > 0) break
      expect((await readFile(source, long)).content.equals(pattern(4_000_000))).toBe(true)
      expect(await listAll(source)).toHaveLength(21)
    },
  )
}

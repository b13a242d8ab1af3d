// A file of the spool as a stream of chunks, read into one buffer: a chunk is valid until the next one is asked for.
import { open } from 'node:fs/promises'

const chunkBytes = 1 << 18

export async function* readSpoolFile(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

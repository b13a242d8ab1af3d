// The content of a `put`, checked while it passes against the length and the hash that were announced. An adapter
// that stores what comes out of here, and gives the file its name only after the last chunk, keeps the promise that
// nothing but the announced content is ever found under a name.
import { PullbackError } from '../base/errors.ts'
import { newSha256 } from '../base/hash.ts'
import { untilAborted } from './until-aborted.ts'
import type { PutContent } from './target.ts'

/**
 * The chunks of `content`, in order. Fails with `DestinationFailed` at the first byte over the announced length, or
 * at the end if length or hash are not those announced; with the source's own error, unchanged; with `Cancelled`.
 */
export async function* announcedBytes(
  name: string,
  content: PutContent,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const hash = newSha256()
  let sizeBytes = 0
  for await (const chunk of untilAborted(content.open(), signal)) {
    sizeBytes += chunk.length
    if (sizeBytes > content.sizeBytes)
      throw broken(name, `is longer than the ${content.sizeBytes} bytes announced`)
    hash.update(chunk)
    yield chunk
  }
  if (sizeBytes < content.sizeBytes) {
    throw broken(name, `ended after ${sizeBytes} of the ${content.sizeBytes} bytes announced`)
  }
  if (!hash.digest().equals(content.sha256))
    throw broken(name, 'does not have the SHA-256 that was announced')
}

function broken(name: string, how: string): PullbackError {
  return new PullbackError('DestinationFailed', {
    what: `${name} was not stored: its content ${how}`,
    subject: name,
  })
}

// Lists one folder quickly: the first questions for names go out together, more of them while full answers come. A
// server answers them in any order it likes; the folder has ended once one answer says so.
import { throwIfAborted } from '../../base/abort.ts'
import { SftpRefusal, type NamedAttributes } from './reply.ts'
import type { SftpLane } from './session.ts'
import { closeHandle, openFolder, readFolder } from './verbs.ts'

/** Enough for a small folder: its names and, in the same round trip, their end. */
const firstAskers = 2
const mostAskers = 16
/** An answer with so many names means that more are to come; OpenSSH gives 100 at a time. */
const fullAnswer = 64

export interface ListingOptions {
  readonly signal: AbortSignal
  /** Given each answer as it comes; what it returns is waited for. */
  readonly onNames: (names: NamedAttributes[]) => Promise<void> | undefined
}

/**
 * Passes on all names with their attributes as the server gives them: `.` and `..` among them, in no order, perhaps
 * twice. Fails with `SftpRefusal`, or with what ended the channel.
 */
export async function listFolder(lane: SftpLane, path: Buffer, options: ListingOptions): Promise<void> {
  const { channel, handles } = lane
  const taken = await handles.take(1, options.signal)
  const release = (): void => handles.give(taken)
  let handle: Buffer
  try {
    handle = await openFolder(channel, path)
  } catch (error) {
    release()
    throw error
  }
  try {
    await readNames(lane, handle, options)
  } finally {
    // Nobody waits for this answer. If none comes, the channel has ended, which is told elsewhere.
    closeHandle(channel, handle).then(release, release)
  }
}

async function readNames(lane: SftpLane, handle: Buffer, { signal, onNames }: ListingOptions): Promise<void> {
  const askers: Promise<void>[] = []
  const seen: { hasEnded: boolean; failure?: { readonly error: unknown } } = { hasEnded: false }
  const ask = async (): Promise<void> => {
    while (!seen.hasEnded && !seen.failure && !signal.aborted) {
      const names = await readFolder(lane.channel, handle)
      if (!names) seen.hasEnded = true
      else {
        if (names.length >= fullAnswer && askers.length < mostAskers) startAsker()
        await onNames(names)
      }
    }
  }
  const startAsker = (): void => {
    const asker = ask().catch((error: unknown) => {
      // Some servers refuse a question after the end.
      if (!seen.hasEnded || !(error instanceof SftpRefusal)) seen.failure ??= { error }
    })
    askers.push(asker)
  }
  for (let count = 0; count < firstAskers; count++) startAsker()
  for (const asker of askers) await asker
  throwIfAborted(signal)
  if (seen.failure) throw seen.failure.error
}

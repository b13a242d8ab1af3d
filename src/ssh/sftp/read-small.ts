// Reads a file of a few requests in two round trips: open, then everything else together, sent in the order in which
// the server must see it. What comes out is the whole file, or the word that it has to be read the long way.
import type { FileAttributes } from './attributes.ts'
import type { SftpLane, SftpSession } from './session.ts'
import { closeHandle, lstat, openFile, read } from './verbs.ts'

/** Over this length a file is read the long way. */
export const smallFileBytes = 256 << 10

export interface SmallFile {
  /** The content from the start. */
  readonly parts: readonly Buffer[]
  /** Of what lay at the path after the last part was read. */
  readonly attributes: FileAttributes
  /** False if there may be more content than this: the file has grown, or the server answered in short pieces. */
  readonly isWhole: boolean
}

/** Fails with `SftpRefusal`, or with what ended the channel. */
export async function readSmallFile(
  session: SftpSession,
  lane: SftpLane,
  file: { readonly path: Buffer; readonly sizeBytes: number; readonly signal: AbortSignal },
): Promise<SmallFile> {
  const { path, sizeBytes, signal } = file
  const { channel, handles } = lane
  const { flow, abilities } = session
  const taken = await handles.take(1, signal)
  const release = (): void => handles.give(taken)
  let handle: Buffer
  try {
    handle = await openFile(channel, path)
  } catch (error) {
    release()
    throw error
  }
  const room = await flow.take(Math.max(1, sizeBytes), signal).catch((error: unknown) => {
    closeHandle(channel, handle).then(release, release)
    throw error
  })
  const answers: Promise<Buffer>[] = []
  for (let offset = 0; offset < sizeBytes; offset += abilities.readBytes) {
    const length = Math.min(abilities.readBytes, sizeBytes - offset)
    answers.push(read(channel, handle, { offset, length }))
  }
  const pastEnd = read(channel, handle, { offset: sizeBytes, length: 1 })
  // By its path, not by its handle: the path may be a link by now, which the server has followed.
  const attributes = lstat(channel, path)
  closeHandle(channel, handle).then(release, release)
  try {
    const [last, known, ...parts] = await Promise.all([pastEnd, attributes, ...answers])
    const isWhole =
      last.length === 0 && isUnbroken(parts, { sizeBytes, readBytes: abilities.readBytes, known })
    return { parts, attributes: known, isWhole }
  } finally {
    flow.arrived(room)
  }
}

/** True if the parts follow each other without a gap, up to the length expected or the one the server tells now. */
function isUnbroken(
  parts: readonly Buffer[],
  { sizeBytes, readBytes, known }: { sizeBytes: number; readBytes: number; known: FileAttributes },
): boolean {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const shortAt = parts.findIndex((part) => part.length < readBytes)
  const hasGap = shortAt >= 0 && parts.slice(shortAt + 1).some((part) => part.length > 0)
  return !hasGap && (length === sizeBytes || length === known.sizeBytes)
}

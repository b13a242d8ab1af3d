// Reads one regular file of a source: a small one in two round trips, a long one as a stream that reads ahead and
// goes on at its place when the connection was lost. As much is read as the file was long when it was opened; a probe
// behind that and a second look at its time tell what became of it meanwhile.
import { assert } from '../../base/assert.ts'
import { Litter } from '../../base/litter.ts'
import { orAborted } from '../../ssh/or-aborted.ts'
import { readSmallFile, smallFileBytes } from '../../ssh/sftp/read-small.ts'
import type { SftpSession } from '../../ssh/sftp/session.ts'
import type { FileReading, FileState } from '../source.ts'
import { entryError } from './entry-errors.ts'
import type { LastingSession } from '../../ssh/lasting-session.ts'
import { OpenFile, refuseSpecial, requireFile, type FileToRead } from './open-file.ts'
import { modifiedNs } from './source-entry.ts'

/** Packets that were handed over are dropped by the thousand. */
const litter = new Litter(24 << 20)

/** Fails with an error of the kind `source-entry` or `source-gone`. */
export async function readSourceFile(
  lasting: LastingSession,
  file: FileToRead,
  signal: AbortSignal,
): Promise<FileReading> {
  try {
    if (file.entry.sizeBytes <= smallFileBytes) {
      const small = await lasting.run(
        (session, isAgain) => readSmall(session, file, { isAgain, signal }),
        signal,
      )
      if (small) return small
    }
    return await readLong(lasting, file, signal)
  } catch (error) {
    throw entryError(file.path, error)
  }
}

/** Undefined if the file turned out to be no small one. */
async function readSmall(
  session: SftpSession,
  file: FileToRead,
  { isAgain, signal }: { isAgain: boolean; signal: AbortSignal },
): Promise<FileReading | undefined> {
  const lane = session.laneForFile(false)
  if (isAgain) await refuseSpecial(lane, file)
  const { wholePath: path, entry } = file
  const small = await readSmallFile(session, lane, { path, sizeBytes: entry.sizeBytes, signal })
  requireFile(file, small.attributes)
  if (!small.isWhole) return undefined
  const sizeBytes = small.parts.reduce((sum, part) => sum + part.length, 0)
  const state = { sizeBytes, modifiedNs: modifiedNs(small.attributes) }
  return { chunks: inTurn(small.parts), after: () => state }
}

async function* inTurn(parts: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part.length > 0) yield part
    litter.drop(part.length)
  }
}

async function readLong(
  lasting: LastingSession,
  file: FileToRead,
  signal: AbortSignal,
): Promise<FileReading> {
  const openAt = (from: number): Promise<OpenFile> =>
    lasting.run((session, isAgain) => {
      return OpenFile.open(session, file, { from, isAgain: isAgain || from > 0, signal })
    }, signal)
  let open = await openAt(0)
  let state: FileState | undefined
  let lostAt: number | undefined

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; ;) {
      try {
        const bytes = await orAborted(open.next(), signal)
        if (bytes.length === 0) {
          state = await orAborted(open.stateAfter(offset), signal)
          return
        }
        offset += bytes.length
        lasting.progressed()
        yield bytes
        litter.drop(bytes.length)
      } catch (error) {
        // Lost twice at the same place: it is the file that breaks connections.
        if (offset === lostAt) throw error
        lostAt = offset
        lasting.giveUp(open.session, error)
        open.close()
        open = await openAt(offset)
      }
    }
  }
  return {
    chunks: closing(chunks(), file, () => open.close()),
    after: () => {
      assert(state, 'a file is asked for its state after its last byte')
      return state
    },
  }
}

async function* closing(
  chunks: AsyncIterable<Uint8Array>,
  file: FileToRead,
  close: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (error) {
    throw entryError(file.path, error)
  } finally {
    close()
  }
}

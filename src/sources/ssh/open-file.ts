// One long file held open on the server and read ahead, from a place in it on. It is closed when the signal fires, so
// that a reading that nobody takes up again holds nothing.
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import { ReadAhead } from '../../ssh/sftp/read-ahead.ts'
import type { SftpLane, SftpSession } from '../../ssh/sftp/session.ts'
import { closeHandle, fstat, lstat, openFile, read } from '../../ssh/sftp/verbs.ts'
import type { FileState, SourceEntry } from '../source.ts'
import { vanished } from './entry-errors.ts'
import { modifiedNs } from './source-entry.ts'

export interface FileToRead {
  readonly wholePath: Buffer
  /** For errors: below the root. */
  readonly path: Buffer
  readonly entry: SourceEntry
}

interface Opening {
  readonly from: number
  /** A connection was lost before, perhaps because of this very file. */
  readonly isAgain: boolean
  readonly signal: AbortSignal
}

export class OpenFile {
  readonly session: SftpSession
  readonly #lane: SftpLane
  readonly #handle: Buffer
  readonly #signal: AbortSignal
  readonly #onAbort = (): void => this.close()
  #ahead: ReadAhead | undefined
  #isClosed = false

  /** Opens, looks that it is a regular file, and begins to read as far as it is long now. */
  static async open(session: SftpSession, file: FileToRead, opening: Opening): Promise<OpenFile> {
    const { isAgain, signal, from } = opening
    const lane = session.laneForFile(true)
    if (isAgain) await refuseSpecial(lane, file)
    const taken = await lane.handles.take(1, signal)
    let handle: Buffer
    try {
      handle = await openFile(lane.channel, file.wholePath)
    } catch (error) {
      lane.handles.give(taken)
      throw error
    }
    const open = new OpenFile({ session, lane, handle, signal })
    try {
      // By path too: a link, which the server has followed, is told by nothing else.
      const looks = Promise.all([fstat(lane.channel, handle), refuseSpecial(lane, file)])
      const [attributes] = await looks
      requireFile(file, attributes)
      open.#readAhead({ from, to: attributes.sizeBytes ?? file.entry.sizeBytes })
    } catch (error) {
      open.close()
      throw error
    }
    return open
  }

  private constructor(parts: { session: SftpSession; lane: SftpLane; handle: Buffer; signal: AbortSignal }) {
    this.session = parts.session
    this.#lane = parts.lane
    this.#handle = parts.handle
    this.#signal = parts.signal
    if (this.#signal.aborted) this.close()
    else this.#signal.addEventListener('abort', this.#onAbort)
  }

  /** The next bytes; none at the end, or once closed. */
  async next(): Promise<Buffer> {
    return this.#ahead?.next() ?? Buffer.alloc(0)
  }

  /** What the file is now, after `readBytes` were read of it. If more follows, the length told is more than that. */
  async stateAfter(readBytes: number): Promise<FileState> {
    const { channel } = this.#lane
    const probe = read(channel, this.#handle, { offset: readBytes, length: 1 })
    const [behind, attributes] = await Promise.all([probe, fstat(channel, this.#handle)])
    const sizeBytes = behind.length > 0 ? Math.max(readBytes + 1, attributes.sizeBytes ?? 0) : readBytes
    return { sizeBytes, modifiedNs: modifiedNs(attributes) }
  }

  /** Gives everything back; may be called twice. Whether the server managed to close is not waited for. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#ahead?.stop()
    const release = (): void => this.#lane.handles.give(1)
    closeHandle(this.#lane.channel, this.#handle).then(release, release)
  }

  #readAhead(range: { from: number; to: number }): void {
    if (this.#isClosed) return
    const parts = { session: this.session, lane: this.#lane, handle: this.#handle, signal: this.#signal }
    this.#ahead = new ReadAhead(parts, range)
  }
}

/**
 * Opening a pipe blocks every later request of the channel (OpenSSH 9.2). The listing keeps those out; should a file
 * have become one since and have broken the connection by that, a look before opening keeps it from breaking the next.
 */
export async function refuseSpecial(lane: SftpLane, file: FileToRead): Promise<void> {
  requireFile(file, await lstat(lane.channel, file.wholePath))
}

export function requireFile(file: FileToRead, attributes: FileAttributes): void {
  const kind = kindOf(attributes)
  if (kind !== 'file' && kind !== 'unknown')
    throw vanished(file.path, `is no regular file any more but a ${kind}`)
}

// The bytes of one file on their way to a machine, under a temporary name: several writes in flight, each at its place,
// each sent again if the line is lost before it was answered. The file is open once for each session that has a part
// in it.
import { PullbackError } from '../../base/errors.ts'
import type { LastingSession } from '../../ssh/lasting-session.ts'
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import { SftpRefusal } from '../../ssh/sftp/reply.ts'
import type { SftpLane, SftpSession } from '../../ssh/sftp/session.ts'
import { closeHandle, fstat } from '../../ssh/sftp/verbs.ts'
import {
  createFile,
  remove,
  reopenFile,
  setFileAttributes,
  sync,
  syncExtension,
  write,
} from '../../ssh/sftp/write-verbs.ts'
import type { Complaints } from '../receiver.ts'
import { lookAt } from './folders.ts'
import { notPlaced, reasonOf, takesNoBytes } from './receiver-errors.ts'

interface Opened {
  readonly lane: SftpLane
  readonly handle: Buffer
}

/** What is to be set, in this order, and what to call it where it cannot be. */
export type Setting = { readonly name: string; readonly attributes: FileAttributes }

/** Only its user may look at what is not finished. */
const unfinishedMode = 0o600
/** From here on a file is worth a channel of its own. */
const longBytes = 1 << 20

export class Upload {
  readonly #lasting: LastingSession
  readonly #file: { readonly path: Buffer; readonly whole: Buffer; readonly sizeBytes: number }
  readonly #signal: AbortSignal
  readonly #opened = new Map<SftpSession, Promise<Opened>>()
  #wasMade = false

  /** `whole` is the temporary name, `path` the one to speak of. */
  constructor(
    lasting: LastingSession,
    file: { readonly path: Buffer; readonly whole: Buffer; readonly sizeBytes: number },
    signal: AbortSignal,
  ) {
    this.#lasting = lasting
    this.#file = file
    this.#signal = signal
  }

  /** Makes the file, so that an empty one is there too. */
  begin(): Promise<void> {
    return this.#lasting.run(async (session) => {
      await this.#on(session)
    }, this.#signal)
  }

  /** The longest part that the server takes. */
  partBytes(): Promise<number> {
    return this.#lasting.run((session) => Promise.resolve(session.abilities.writeBytes), this.#signal)
  }

  write(part: { readonly offset: number; readonly bytes: Buffer }): Promise<void> {
    return this.#lasting.run(async (session) => {
      const { lane, handle } = await this.#on(session)
      const room = await session.flow.take(part.bytes.length, this.#signal)
      try {
        await write(lane.channel, handle, part)
      } catch (error) {
        throw error instanceof SftpRefusal ? takesNoBytes(this.#file.path, error) : error
      } finally {
        session.flow.arrived(room)
      }
    }, this.#signal)
  }

  /** All bytes were taken: sets what is to be set, has it written to the disk, and looks at the size. */
  finish(settings: readonly Setting[]): Promise<Complaints> {
    return this.#lasting.run(async (session) => {
      const { lane, handle } = await this.#on(session)
      const { channel } = lane
      const tries = settings.map(({ name, attributes }) =>
        complaintOf(setFileAttributes(channel, handle, attributes), name),
      )
      const hasSync = session.abilities.extensions.has(syncExtension)
      const onDisk = hasSync ? sync(channel, handle) : Promise.resolve()
      const found = fstat(channel, handle)
      // Sent after all of these, and answered after them.
      const closed = this.#close(session)
      const [{ sizeBytes }, complaints] = await Promise.all([found, Promise.all(tries), onDisk, closed])
      if (sizeBytes !== this.#file.sizeBytes)
        throw notPlaced(this.#file.path, `it has ${sizeBytes} bytes there, not ${this.#file.sizeBytes}`)
      return complaints.filter((complaint) => complaint !== undefined)
    }, this.#signal)
  }

  /** Leaves nothing behind, if the machine can be reached. Never fails for a reason of the machine. */
  async discard(signal: AbortSignal): Promise<void> {
    if (!this.#wasMade) return
    try {
      await this.#lasting.run(async (session) => {
        if (this.#opened.has(session)) await this.#close(session)
        await remove(session.mainLane.channel, this.#file.whole)
      }, signal)
    } catch (error) {
      if (!(error instanceof SftpRefusal) && !(error instanceof PullbackError)) throw error
    }
  }

  #on(session: SftpSession): Promise<Opened> {
    const known = this.#opened.get(session)
    if (known) return known
    const opening = this.#open(session)
    this.#opened.set(session, opening)
    return opening
  }

  async #open(session: SftpSession): Promise<Opened> {
    const { whole, sizeBytes } = this.#file
    const lane = session.laneForFile(sizeBytes >= longBytes)
    const taken = await lane.handles.take(1, this.#signal)
    try {
      // The name is this run's own: what is there after a lost line is what was begun before.
      const found = this.#wasMade ? await lookAt(session, whole, this.#signal) : undefined
      this.#wasMade = true
      const isOurs = found !== undefined && kindOf(found) === 'file'
      const handle = isOurs
        ? await reopenFile(lane.channel, whole)
        : await createFile(lane.channel, whole, unfinishedMode)
      return { lane, handle }
    } catch (error) {
      lane.handles.give(taken)
      throw error
    }
  }

  async #close(session: SftpSession): Promise<void> {
    const opened = await this.#opened.get(session)
    this.#opened.delete(session)
    if (!opened) return
    const { lane, handle } = opened
    try {
      await closeHandle(lane.channel, handle)
    } finally {
      lane.handles.give(1)
    }
  }
}

/** A sentence if the server said no. */
export async function complaintOf(attempt: Promise<void>, name: string): Promise<string | undefined> {
  try {
    await attempt
    return undefined
  } catch (error) {
    if (!(error instanceof SftpRefusal)) throw error
    return `its ${name} could not be set: ${reasonOf(error)}`
  }
}

// The folders of a restore onto a machine. SFTP cannot be told not to follow a link in the middle of a path, so every
// folder is looked at, part by part, before anything in it is; each once. Somebody who swaps one for a link after that
// is not noticed: who may write into the folder restored into has to be trusted (docs/reliability.md).
import { below, lastPart, wholePath } from '../../base/entry-path.ts'
import type { LastingSession } from '../../ssh/lasting-session.ts'
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import { refusal, SftpRefusal } from '../../ssh/sftp/reply.ts'
import type { SftpSession } from '../../ssh/sftp/session.ts'
import { lstat } from '../../ssh/sftp/verbs.ts'
import { makeFolder } from '../../ssh/sftp/write-verbs.ts'
import { notPlaced, placeError } from './receiver-errors.ts'

/** Of folders on the way of which nothing is known. */
const usualMode = 0o755

export class Folders {
  readonly #lasting: LastingSession
  readonly #root: Buffer
  /** By path as latin1; a promise, because many files are made at once. */
  readonly #there = new Map<string, Promise<boolean>>()
  readonly #making = new Map<string, Promise<boolean>>()

  constructor(lasting: LastingSession, root: Buffer) {
    this.#lasting = lasting
    this.#root = root
  }

  /** What is at a path in folders that are no links; undefined if nothing is. */
  async look(path: Buffer, signal: AbortSignal): Promise<FileAttributes | undefined> {
    if (path.length > 0 && !(await this.isThere(parentOf(path), signal))) return undefined
    try {
      return await this.#lasting.run(
        (session) => lookAt(session, wholePath(this.#root, path), signal),
        signal,
      )
    } catch (error) {
      throw placeError(path, error)
    }
  }

  /** False if nothing is there; `RestoreTargetFailed` if something else is. */
  isThere(path: Buffer, signal: AbortSignal): Promise<boolean> {
    if (path.length === 0) return Promise.resolve(true)
    return remembered(this.#there, path, async () => {
      const found = await this.look(path, signal)
      if (!found) return false
      const kind = kindOf(found)
      if (kind === 'folder') return true
      const why =
        kind === 'link'
          ? 'a part of its path is a link, and links are not followed'
          : `a ${kind} is in the way`
      throw notPlaced(path, why)
    })
  }

  /** Makes a folder and those above it, where they are missing. */
  async make(path: Buffer, signal: AbortSignal, mode = usualMode): Promise<void> {
    if (await this.isThere(path, signal)) return
    await remembered(this.#making, path, async () => {
      await this.make(parentOf(path), signal)
      const whole = wholePath(this.#root, path)
      try {
        await this.#lasting.run(
          (session, isAgain) => makeOnce(session, { whole, mode, isAgain, signal }),
          signal,
        )
      } catch (error) {
        throw placeError(path, error)
      }
      this.#there.set(path.toString('latin1'), Promise.resolve(true))
      return true
    })
  }

  /** True if this run made the folder. */
  isMade(path: Buffer): boolean {
    return this.#making.has(path.toString('latin1'))
  }
}

export function parentOf(path: Buffer): Buffer {
  return path.subarray(0, Math.max(0, path.length - lastPart(path).length - 1))
}

/** A name beside another. */
export function sibling(path: Buffer, name: string): Buffer {
  return below(parentOf(path), Buffer.from(name))
}

export async function lookAt(
  session: SftpSession,
  whole: Buffer,
  signal: AbortSignal,
): Promise<FileAttributes | undefined> {
  const taken = await session.lookups.take(1, signal)
  try {
    return await lstat(session.mainLane.channel, whole)
  } catch (error) {
    if (error instanceof SftpRefusal && error.status === refusal.missing) return undefined
    throw error
  } finally {
    session.lookups.give(taken)
  }
}

async function makeOnce(
  session: SftpSession,
  folder: { readonly whole: Buffer; mode: number; readonly isAgain: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { whole, mode, isAgain, signal } = folder
  try {
    await makeFolder(session.mainLane.channel, whole, mode)
  } catch (error) {
    if (!isAgain || !(error instanceof SftpRefusal)) throw error
    // The line was lost after the server had made it.
    const found = await lookAt(session, whole, signal)
    if (!found || kindOf(found) !== 'folder') throw error
  }
}

async function remembered(
  known: Map<string, Promise<boolean>>,
  path: Buffer,
  find: () => Promise<boolean>,
): Promise<boolean> {
  const key = path.toString('latin1')
  const before = known.get(key)
  if (before) return before
  const finding = find()
  known.set(key, finding)
  return finding
}

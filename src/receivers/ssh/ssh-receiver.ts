// A folder of another machine that files are restored into, over SFTP. One connection serves it all and is made again
// when it is lost. A file is written under a temporary name beside its place and gets its own name last; a name that is
// taken is refused by the server itself, unless it may be replaced.
import { wholePath } from '../../base/entry-path.ts'
import { Budget } from '../../base/budget.ts'
import { PullbackError } from '../../base/errors.ts'
import { newSha256 } from '../../base/hash.ts'
import { randomHex, type Randomness } from '../../base/randomness.ts'
import { lastingSession, type Dialling, type LastingSession } from '../../ssh/lasting-session.ts'
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import { ReadAhead } from '../../ssh/sftp/read-ahead.ts'
import { SftpRefusal } from '../../ssh/sftp/reply.ts'
import type { SftpSession } from '../../ssh/sftp/session.ts'
import { closeHandle, openFile, readLink, realPath, stat } from '../../ssh/sftp/verbs.ts'
import {
  linkAttributesExtension,
  makeFolder,
  makeLink,
  remove,
  rename,
  replace,
  replaceExtension,
  setAttributes,
  setLinkAttributes,
} from '../../ssh/sftp/write-verbs.ts'
import { labelOf, type SshAddress } from '../../ssh/ssh-address.ts'
import type { Complaints, FileToPlace, Found, Look, Receiver } from '../receiver.ts'
import { Folders, lookAt, parentOf, sibling } from './folders.ts'
import { placeError, reasonOf } from './receiver-errors.ts'
import { complaintOf, Upload, type Setting } from './upload.ts'

/** Bytes sent and not answered, over all files: keeps 300 MB/s busy at 50 ms of round trip. */
const inFlightBytes = 16 << 20
/** How long a temporary file may take to be removed after a failure. */
const tidyMs = 5000
/** SFTP has unsigned seconds of 32 bits. */
const firstSecondTooLate = 2 ** 32

interface LinkToPlace {
  readonly path: Buffer
  readonly target: Buffer
  readonly look: Look
  readonly replace: boolean
}

/** Makes the receiver; nothing is connected before `open`. */
export function sshReceiver(options: Dialling & { readonly randomness: Randomness }): Receiver {
  return new SshReceiver(options)
}

class SshReceiver implements Receiver {
  readonly label: string
  readonly #address: SshAddress
  readonly #randomness: Randomness
  readonly #lasting: LastingSession
  readonly #inFlight = new Budget(inFlightBytes)
  #root: Buffer = Buffer.alloc(0)
  #folders: Folders

  constructor(options: Dialling & { readonly randomness: Randomness }) {
    this.label = labelOf(options.address)
    this.#address = options.address
    this.#randomness = options.randomness
    this.#lasting = lastingSession(options)
    this.#folders = new Folders(this.#lasting, this.#root)
  }

  async open(signal: AbortSignal): Promise<void> {
    try {
      this.#root = await this.#lasting.run((session) => findRoot(session, this.#address), signal)
      this.#folders = new Folders(this.#lasting, this.#root)
    } catch (error) {
      if (!(error instanceof SftpRefusal)) throw placeError(Buffer.alloc(0), error)
      throw new PullbackError('TargetFolderUnusable', {
        what: `${this.label} cannot be restored into: ${reasonOf(error)}`,
        subject: this.label,
        cause: error,
      })
    }
  }

  async look(path: Buffer, signal: AbortSignal): Promise<Found | undefined> {
    const found = await this.#folders.look(path, signal)
    if (!found) return undefined
    const kind = kindOf(found)
    const known = kind === 'file' || kind === 'folder' || kind === 'link' ? kind : 'other'
    return { kind: known, sizeBytes: found.sizeBytes ?? 0 }
  }

  hashFile(path: Buffer, signal: AbortSignal): Promise<Buffer> {
    return this.#run(path, (session) => hashOf(session, wholePath(this.#root, path), signal), signal)
  }

  readLink(path: Buffer, signal: AbortSignal): Promise<Buffer> {
    const whole = wholePath(this.#root, path)
    return this.#run(path, (session) => readLink(session.mainLane.channel, whole), signal)
  }

  makeFolder(path: Buffer, mode: number, signal: AbortSignal): Promise<void> {
    return this.#folders.make(path, signal, mode)
  }

  isMade(path: Buffer): boolean {
    return this.#folders.isMade(path)
  }

  async placeFile(file: FileToPlace, signal: AbortSignal): Promise<Complaints> {
    const { path, sizeBytes } = file
    await this.#folders.make(parentOf(path), signal)
    const temporary = wholePath(this.#root, sibling(path, `.pullback-${randomHex(this.#randomness, 6)}`))
    const upload = new Upload(this.#lasting, { path, whole: temporary, sizeBytes }, signal)
    try {
      await this.#send(upload, file, signal)
      const { settings, complaints } = settingsOf(file.look)
      const refused = await upload.finish(settings)
      await this.#giveName(temporary, file, signal)
      return [...complaints, ...refused]
    } catch (error) {
      await upload.discard(AbortSignal.timeout(tidyMs))
      throw placeError(path, error)
    }
  }

  async placeLink(link: LinkToPlace, signal: AbortSignal): Promise<Complaints> {
    const { path, target, look } = link
    const whole = wholePath(this.#root, path)
    await this.#folders.make(parentOf(path), signal)
    return this.#run(
      path,
      async (session, isAgain) => {
        const { channel } = session.mainLane
        if (link.replace && !isAgain) await remove(channel, whole)
        try {
          await makeLink(channel, { path: whole, target })
        } catch (error) {
          if (!isAgain || !(error instanceof SftpRefusal)) throw error
          // The line was lost after the server had made it.
          if (!(await readLink(channel, whole)).equals(target)) throw error
        }
        if (!session.abilities.extensions.has(linkAttributesExtension)) return []
        // The mode of a link says nothing.
        const { settings } = settingsOf({ ...look, mode: undefined })
        return complaintsOf(settings, (attributes) => setLinkAttributes(channel, whole, attributes))
      },
      signal,
    )
  }

  async finishFolder(path: Buffer, look: Look, signal: AbortSignal): Promise<Complaints> {
    const whole = wholePath(this.#root, path)
    const { settings, complaints } = settingsOf(look)
    const set = (session: SftpSession): Promise<Complaints> =>
      complaintsOf(settings, (attributes) => setAttributes(session.mainLane.channel, whole, attributes))
    return [...complaints, ...(await this.#run(path, set, signal))]
  }

  close(): Promise<void> {
    return this.#lasting.close()
  }

  async #run<T>(
    path: Buffer,
    work: (session: SftpSession, isAgain: boolean) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await this.#lasting.run(work, signal)
    } catch (error) {
      throw placeError(path, error)
    }
  }

  async #send(upload: Upload, file: FileToPlace, signal: AbortSignal): Promise<void> {
    const [partBytes] = await Promise.all([upload.partBytes(), upload.begin()])
    const sending = new Set<Promise<void>>()
    let failed = false
    let offset = 0
    try {
      for await (const chunk of file.chunks) {
        for (let at = 0; at < chunk.length && !failed; at += partBytes) {
          const bytes = chunk.subarray(at, at + partBytes)
          const taken = await this.#inFlight.take(bytes.length, signal)
          const sent = upload.write({ offset: offset + at, bytes }).finally(() => {
            this.#inFlight.give(taken)
          })
          sending.add(sent)
          sent.then(
            () => sending.delete(sent),
            () => (failed = true),
          )
        }
        offset += chunk.length
        if (failed) break
      }
    } finally {
      // None may be on its way when the temporary file is removed.
      await Promise.allSettled(sending)
    }
    await Promise.all(sending)
  }

  async #giveName(
    from: Buffer,
    file: { readonly path: Buffer; readonly replace: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const to = wholePath(this.#root, file.path)
    await this.#lasting.run(async (session, isAgain) => {
      const { channel } = session.mainLane
      try {
        if (!file.replace) await rename(channel, from, to)
        else if (session.abilities.extensions.has(replaceExtension)) await replace(channel, from, to)
        else {
          if (await lookAt(session, to, signal)) await remove(channel, to)
          await rename(channel, from, to)
        }
      } catch (error) {
        if (!isAgain || !(error instanceof SftpRefusal)) throw error
        // The line was lost after the server had done it.
        const [old, now] = await Promise.all([lookAt(session, from, signal), lookAt(session, to, signal)])
        if (old || !now) throw error
      }
    }, signal)
  }
}

/** The folder, links resolved: people name it by such paths. Made with what is missing above it. */
async function findRoot(session: SftpSession, address: SshAddress): Promise<Buffer> {
  const { channel } = session.mainLane
  const given = address.pathIsRelative
    ? wholePath(await realPath(channel, Buffer.from('.')), address.path)
    : address.path
  await makeWithParents(session, given)
  const root = await realPath(channel, given)
  const kind = kindOf(await stat(channel, root))
  if (kind === 'folder') return root
  throw new PullbackError('TargetFolderUnusable', {
    what: `${labelOf(address)} is not a folder but a ${kind}`,
    subject: labelOf(address),
  })
}

async function makeWithParents(session: SftpSession, whole: Buffer): Promise<void> {
  const { channel } = session.mainLane
  const missing: Buffer[] = []
  for (let at = whole; at.length > 0 && !(await isThere(session, at)); at = parentOf(at)) missing.push(at)
  for (const folder of missing.toReversed()) await makeFolder(channel, folder, 0o755)
}

/** Follows links, as people name the folder by them. */
async function isThere(session: SftpSession, whole: Buffer): Promise<boolean> {
  try {
    await stat(session.mainLane.channel, whole)
    return true
  } catch (error) {
    if (error instanceof SftpRefusal) return false
    throw error
  }
}

async function hashOf(session: SftpSession, whole: Buffer, signal: AbortSignal): Promise<Buffer> {
  const lane = session.laneForFile(true)
  const taken = await lane.handles.take(1, signal)
  try {
    const handle = await openFile(lane.channel, whole)
    const { sizeBytes = 0 } = await stat(lane.channel, whole)
    const ahead = new ReadAhead({ session, lane, handle, signal }, { from: 0, to: sizeBytes })
    try {
      const hash = newSha256()
      for (let bytes = await ahead.next(); bytes.length > 0; bytes = await ahead.next()) hash.update(bytes)
      return hash.digest()
    } finally {
      ahead.stop()
      await closeHandle(lane.channel, handle)
    }
  } finally {
    lane.handles.give(taken)
  }
}

/** Owner first, as a change of owner may clear bits of the mode; times last, as the rest changes them. */
function settingsOf(look: { readonly [Key in keyof Look]: Look[Key] | undefined }): {
  settings: Setting[]
  complaints: string[]
} {
  const { owner, mode, modifiedS } = look
  const settings: Setting[] = []
  const complaints: string[] = []
  if (owner) settings.push({ name: 'owner', attributes: owner })
  const hasTime = modifiedS !== undefined && modifiedS >= 0 && modifiedS < firstSecondTooLate
  if (modifiedS !== undefined && !hasTime) complaints.push('its time lies outside of what SFTP can say')
  const attributes: FileAttributes = {
    ...(mode === undefined ? {} : { mode }),
    ...(hasTime ? { modifiedS: Math.floor(modifiedS) } : {}),
  }
  const name = [...(mode === undefined ? [] : ['mode']), ...(hasTime ? ['time'] : [])].join(' or ')
  if (name !== '') settings.push({ name, attributes })
  return { settings, complaints }
}

async function complaintsOf(
  settings: readonly Setting[],
  set: (attributes: FileAttributes) => Promise<void>,
): Promise<Complaints> {
  const tries = settings.map(({ name, attributes }) => complaintOf(set(attributes), name))
  return (await Promise.all(tries)).filter((complaint) => complaint !== undefined)
}

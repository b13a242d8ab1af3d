// Lists one folder of a source: names checked, links read, owners named, sorted. What cannot be used of it is left
// out with its reason; the folder itself failing is the caller's business.
import { PullbackError } from '../../base/errors.ts'
import { kindOf, type FileAttributes } from '../../ssh/sftp/attributes.ts'
import { listFolder } from '../../ssh/sftp/list-folder.ts'
import type { NamedAttributes } from '../../ssh/sftp/reply.ts'
import type { SftpSession } from '../../ssh/sftp/session.ts'
import { lstat, readLink } from '../../ssh/sftp/verbs.ts'
import { below, showPath, wholePath } from '../../base/entry-path.ts'
import type { EntryProblem, FolderListing } from '../source.ts'
import { entryError } from './entry-errors.ts'
import { sourceEntry } from './source-entry.ts'

export interface FolderToList {
  readonly root: Buffer
  /** Below the root. */
  readonly path: Buffer
  readonly signal: AbortSignal
}

/** Fails with `SftpRefusal` or `FolderUnreadable` if the folder cannot be listed. */
export async function listSourceFolder(session: SftpSession, folder: FolderToList): Promise<FolderListing> {
  const { root, path, signal } = folder
  const found = new FoundEntries(session, folder)
  await listFolder(session.mainLane, wholePath(root, path), {
    signal,
    onNames: (names) => found.add(names),
  })
  const { entries, problems } = await found.finish()
  return { path, entries, problems }
}

interface Found extends NamedAttributes {
  readonly linkTarget?: Buffer
}

class FoundEntries {
  readonly #session: SftpSession
  readonly #folder: FolderToList
  /** By name, one letter a byte: a folder that changes while it is listed may give a name twice. */
  readonly #found = new Map<string, Found>()
  readonly #problems: EntryProblem[] = []

  constructor(session: SftpSession, folder: FolderToList) {
    this.#session = session
    this.#folder = folder
  }

  /** Takes names as the server gives them; done when all that is asked about them is answered. */
  async add(names: readonly NamedAttributes[]): Promise<void> {
    const questions: Promise<void>[] = []
    for (const one of names) {
      const key = one.name.toString('latin1')
      if (key === '.' || key === '..' || this.#found.has(key)) continue
      if (!isUsable(one.name)) this.#leaveOut(one, unusableName(this.#folder.path, one.name))
      else {
        this.#found.set(key, one)
        if (needsMore(one.attributes)) questions.push(this.#complete(key, one))
      }
    }
    if (this.#found.size > this.#session.limits.folderNames) throw this.#endless()
    await Promise.all(questions)
  }

  async finish(): Promise<Pick<FolderListing, 'entries' | 'problems'>> {
    const all = [...this.#found.values()]
    const { owners, mainLane } = this.#session
    const uids = new Set(all.map(({ attributes }) => attributes.uid ?? 0))
    const gids = new Set(all.map(({ attributes }) => attributes.gid ?? 0))
    await owners.learn(mainLane.channel, uids, gids)
    const entries = all.map((one) => sourceEntry({ ...one, owners }))
    entries.sort((one, other) => Buffer.compare(one.name, other.name))
    return { entries, problems: this.#problems }
  }

  async #complete(key: string, one: NamedAttributes): Promise<void> {
    const { lookups } = this.#session
    const { root, path, signal } = this.#folder
    const taken = await lookups.take(1, signal)
    try {
      const whole = wholePath(root, below(path, one.name))
      this.#found.set(key, await askMore(this.#session, whole, one))
    } catch (error) {
      this.#found.delete(key)
      this.#leaveOut(one, entryError(below(path, one.name), error))
    } finally {
      lookups.give(taken)
    }
  }

  #leaveOut({ name }: NamedAttributes, error: unknown): void {
    if (!(error instanceof PullbackError) || error.kind !== 'source-entry') throw error
    this.#problems.push({ path: below(this.#folder.path, name), error })
  }

  #endless(): PullbackError {
    const subject = showPath(this.#folder.path)
    return new PullbackError('FolderUnreadable', {
      what: `the folder ${subject} holds more than ${this.#session.limits.folderNames} names, or never ends`,
      subject,
    })
  }
}

/** What no file system has as a name, and what could lead out of the folder. */
function isUsable(name: Buffer): boolean {
  return name.length > 0 && !name.includes('/') && !name.includes(0)
}

function unusableName(folder: Buffer, name: Buffer): PullbackError {
  return new PullbackError('EntryNameUnusable', {
    what: `the folder ${showPath(folder) || 'itself'} holds the unusable name ${JSON.stringify(showPath(name))}`,
    subject: showPath(folder),
  })
}

function needsMore(attributes: FileAttributes): boolean {
  const kind = kindOf(attributes)
  return kind === 'link' || kind === 'unknown'
}

/** Attributes where the listing had none, and the target of a link. */
async function askMore(session: SftpSession, path: Buffer, one: NamedAttributes): Promise<Found> {
  const { channel } = session.mainLane
  const attributes = kindOf(one.attributes) === 'unknown' ? await lstat(channel, path) : one.attributes
  if (kindOf(attributes) !== 'link') return { name: one.name, attributes }
  return { name: one.name, attributes, linkTarget: await readLink(channel, path) }
}

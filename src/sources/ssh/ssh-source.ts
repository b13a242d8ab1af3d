// A folder, or one file, of another machine, read over SFTP: the port `Source` on top of the SSH room. It lists and
// reads and does nothing else; one connection serves it all and is made again when it is lost.
import type { Clock } from '../../base/clock.ts'
import { PullbackError } from '../../base/errors.ts'
import { lastingSession, type Dialling, type LastingSession } from '../../ssh/lasting-session.ts'
import { kindOf } from '../../ssh/sftp/attributes.ts'
import { SftpRefusal } from '../../ssh/sftp/reply.ts'
import type { SftpSession } from '../../ssh/sftp/session.ts'
import { lstat, realPath, stat } from '../../ssh/sftp/verbs.ts'
import { labelOf, type SshAddress } from '../../ssh/ssh-address.ts'
import { lastPart, wholePath } from '../../base/entry-path.ts'
import type { FileReading, FolderListing, ScanOptions, Source, SourceEntry, SourceRoot } from '../source.ts'
import { folderError, rootError } from './entry-errors.ts'
import { listSourceFolder } from './folder-listing.ts'
import { readSourceFile } from './read-file.ts'
import { sourceEntry } from './source-entry.ts'
import { walkTree } from './walk-tree.ts'

/** Makes the source; nothing is connected before `open`. */
export function sshSource(options: Dialling): Source {
  return new SshSource(options)
}

class SshSource implements Source {
  readonly label: string
  readonly #address: SshAddress
  readonly #clock: Clock
  readonly #lasting: LastingSession
  #root: Buffer = Buffer.alloc(0)
  #rootIsFolder = false

  constructor(options: Dialling) {
    const { address, clock } = options
    this.label = labelOf(address)
    this.#address = address
    this.#clock = clock
    this.#lasting = lastingSession(options)
  }

  async open(signal: AbortSignal): Promise<SourceRoot> {
    return this.#lasting.run(async (session) => {
      const [entry, clockNs] = await Promise.all([this.#findRoot(session), this.#clockOf(session)])
      return { entry, clockNs }
    }, signal)
  }

  async *scan(options: ScanOptions): AsyncGenerator<FolderListing> {
    if (!this.#rootIsFolder) return
    const { signal } = options
    const list = (path: Buffer): Promise<FolderListing> =>
      this.#lasting
        .run((session) => listSourceFolder(session, { root: this.#root, path, signal }), signal)
        .catch((error: unknown) => this.#withoutFolder(path, error))
    yield* walkTree({ ...options, list })
  }

  read(
    file: { readonly path: Buffer; readonly entry: SourceEntry },
    signal: AbortSignal,
  ): Promise<FileReading> {
    const { path, entry } = file
    return readSourceFile(this.#lasting, { path, entry, wholePath: wholePath(this.#root, path) }, signal)
  }

  close(): Promise<void> {
    return this.#lasting.close()
  }

  #withoutFolder(path: Buffer, error: unknown): FolderListing {
    if (path.length === 0) throw rootError(this.label, error)
    return { path, entries: [], problems: [], error: folderError(path, error) }
  }

  /** The root may be named by a link: people name such paths. Below it no link is followed. */
  async #findRoot(session: SftpSession): Promise<SourceEntry> {
    const { channel } = session.mainLane
    const given = this.#address.path
    try {
      const path = this.#address.pathIsRelative ? await realPath(channel, given) : given
      let attributes = await lstat(channel, path)
      this.#root = path
      if (kindOf(attributes) === 'link') {
        this.#root = await realPath(channel, path)
        attributes = await stat(channel, this.#root)
      }
      const kind = kindOf(attributes)
      if (kind !== 'folder' && kind !== 'file') {
        throw new PullbackError('SourceUnreadable', {
          what: `${this.label} is neither a folder nor a file but a ${kind}`,
          subject: this.label,
          advice: 'Name a folder or a regular file.',
        })
      }
      this.#rootIsFolder = kind === 'folder'
      await session.owners.learn(channel, [attributes.uid ?? 0], [attributes.gid ?? 0])
      return sourceEntry({ name: lastPart(path), attributes, owners: session.owners })
    } catch (error) {
      throw rootError(this.label, error)
    }
  }

  /**
   * On Linux the folder of the process that answers has just been made, and bears the machine's time. Elsewhere the
   * clock here stands in for the one there.
   */
  async #clockOf(session: SftpSession): Promise<bigint> {
    try {
      const { modifiedS } = await stat(session.mainLane.channel, Buffer.from('/proc/self'))
      if (modifiedS) return BigInt(modifiedS) * 1_000_000_000n
    } catch (error) {
      if (!(error instanceof SftpRefusal)) throw error
    }
    return BigInt(Math.floor(this.#clock.nowMs())) * 1_000_000n
  }
}

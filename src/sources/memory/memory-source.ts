// A source in memory: the whole contract of the port without a disk or a machine, for tests of everything above it.
// What goes wrong is planned in the tree (memory-tree.ts). Several sources may read one tree, one after the other, as
// several runs do.
import { throwIfAborted } from '../../base/abort.ts'
import { assert } from '../../base/assert.ts'
import { PullbackError } from '../../base/errors.ts'
import { below, lastPart, showPath } from '../../base/entry-path.ts'
import type {
  EntryProblem,
  FileReading,
  FileState,
  FolderListing,
  ScanOptions,
  Source,
  SourceEntry,
  SourceRoot,
} from '../source.ts'
import { entryOfNode, type MemoryNode, type MemoryTree, type TreePath } from './memory-tree.ts'

interface MemorySourceOptions {
  /** Where in the tree the root lies; its root if left out. */
  readonly rootPath?: TreePath
  readonly chunkBytes?: number
}

export class MemorySource implements Source {
  readonly label: string
  readonly #tree: MemoryTree
  readonly #rootPath: Buffer
  readonly #chunkBytes: number

  constructor(tree: MemoryTree, { rootPath = '', chunkBytes = 64 * 1024 }: MemorySourceOptions = {}) {
    this.#tree = tree
    this.#rootPath = Buffer.from(rootPath)
    this.#chunkBytes = chunkBytes
    this.label = `memory:${showPath(below(tree.rootName, this.#rootPath))}`
  }

  async open(signal: AbortSignal): Promise<SourceRoot> {
    throwIfAborted(signal)
    const root = this.#root()
    if (root.problem === 'disconnecting') throw disconnected(this.label)
    if (root.kind !== 'folder' && root.kind !== 'file') {
      throw this.#lost('SourceUnreadable', `is neither a folder nor a file but a ${root.kind}`)
    }
    const name = this.#rootPath.length === 0 ? this.#tree.rootName : lastPart(this.#rootPath)
    return { entry: entryOfNode(name, root), clockNs: this.#tree.clockNs }
  }

  async *scan({ signal, enter }: ScanOptions): AsyncGenerator<FolderListing> {
    if (this.#root().kind !== 'folder') return
    const waiting: Buffer[] = [Buffer.alloc(0)]
    for (let path = waiting.pop(); path; path = waiting.pop()) {
      throwIfAborted(signal)
      const listing = this.#list(path)
      const entered: Buffer[] = []
      for (const entry of listing.entries) {
        const entryPath = below(path, entry.name)
        if (entry.kind === 'folder' && enter(entryPath, entry, listing)) entered.push(entryPath)
      }
      waiting.push(...entered.reverse())
      yield listing
    }
  }

  async read(
    { path }: { readonly path: Buffer; readonly entry: SourceEntry },
    signal: AbortSignal,
  ): Promise<FileReading> {
    throwIfAborted(signal)
    const file = this.#find(path)
    if (file?.kind !== 'file' || file.problem === 'vanishing') throw refused('EntryVanished', path, 'is gone')
    if (file.problem === 'disconnecting') throw disconnected(this.label)
    if (file.problem === 'unreadable' || file.problem === 'failing') {
      throw refused('EntryUnreadable', path, 'cannot be read, as planned')
    }
    return this.#reading(file, path, signal)
  }

  async close(): Promise<void> {
    // Nothing is held between calls.
  }

  #reading(file: MemoryNode, path: Buffer, signal: AbortSignal): FileReading {
    const { content, problem } = file
    const chunkBytes = this.#chunkBytes
    let after: FileState | undefined
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      const end =
        typeof problem === 'object' && 'failsAfterBytes' in problem ? problem.failsAfterBytes : Infinity
      for (let at = 0; at < content.length; at += chunkBytes) {
        throwIfAborted(signal)
        const chunk = Buffer.from(content.subarray(at, Math.min(at + chunkBytes, end)))
        if (chunk.length > 0) yield chunk
        // The contract ends the life of a chunk here; whoever kept it shall notice.
        chunk.fill(0xdd)
        if (at + chunkBytes > end) break
      }
      if (end < content.length)
        throw refused('EntryUnreadable', path, 'cannot be read to its end, as planned')
      changeIfPlanned(file)
      after = { sizeBytes: file.content.length, modifiedNs: file.attributes.modifiedNs }
    }
    return {
      chunks: chunks(),
      after: () => {
        assert(after, 'a file is asked for its state after its last byte')
        return after
      },
    }
  }

  #list(path: Buffer): FolderListing {
    const folder = this.#find(path)
    const isRoot = path.length === 0
    if (folder?.problem === 'disconnecting') throw disconnected(this.label)
    if (folder?.kind !== 'folder' || folder.problem === 'vanishing') {
      if (isRoot) throw this.#lost('SourceMissing', 'does not exist')
      return withoutEntries(path, refused('EntryVanished', path, 'is gone'))
    }
    if (folder.problem === 'unreadable' || folder.problem === 'failing') {
      if (isRoot) throw this.#lost('SourceUnreadable', 'cannot be listed, as planned')
      const code = folder.problem === 'unreadable' ? 'FolderUnreadable' : 'FolderNotListed'
      return withoutEntries(path, refused(code, path, 'cannot be listed, as planned'))
    }
    return listed(path, folder)
  }

  #root(): MemoryNode {
    const root = this.#find(Buffer.alloc(0))
    if (!root) throw this.#lost('SourceMissing', 'does not exist')
    return root
  }

  /** The node at a path below the root. */
  #find(path: Buffer): MemoryNode | undefined {
    const rootPath = this.#resolvedRoot()
    return this.#tree.find(path.length === 0 ? rootPath : below(rootPath, path))
  }

  /** The root alone may be named by a link; its target counts from the root of the tree. */
  #resolvedRoot(): Buffer {
    return this.#tree.find(this.#rootPath)?.target ?? this.#rootPath
  }

  #lost(code: 'SourceMissing' | 'SourceUnreadable', what: string): PullbackError {
    return new PullbackError(code, { what: `${this.label} ${what}`, subject: this.label })
  }
}

function listed(path: Buffer, folder: MemoryNode): FolderListing {
  const entries: SourceEntry[] = []
  const problems: EntryProblem[] = []
  for (const [key, child] of folder.children) {
    const name = Buffer.from(key, 'latin1')
    const entryPath = below(path, name)
    if (child.problem === 'unlistable') {
      problems.push({ path: entryPath, error: refused('EntryUnreadable', entryPath, 'cannot be looked at') })
    } else entries.push(entryOfNode(name, child))
  }
  entries.sort((one, other) => Buffer.compare(one.name, other.name))
  return { path, entries, problems }
}

function withoutEntries(path: Buffer, error: PullbackError): FolderListing {
  return { path, entries: [], problems: [], error }
}

function changeIfPlanned(file: MemoryNode): void {
  if (typeof file.problem !== 'object' || !('changes' in file.problem)) return
  const { changes } = file.problem
  if (changes === 0) return
  file.problem = { changes: changes - 1 }
  file.attributes = { ...file.attributes, modifiedNs: file.attributes.modifiedNs + 1_000_000_000n }
}

type EntryCode = 'EntryVanished' | 'EntryUnreadable' | 'FolderUnreadable' | 'FolderNotListed'

function refused(code: EntryCode, path: Buffer, what: string): PullbackError {
  return new PullbackError(code, { what: `${showPath(path)} ${what}`, subject: showPath(path) })
}

function disconnected(label: string): PullbackError {
  return new PullbackError('ConnectionLost', {
    what: `the connection to ${label} was lost, as planned`,
    subject: label,
  })
}

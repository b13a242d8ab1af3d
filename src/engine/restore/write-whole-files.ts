// Writes files that consist of one block or none, in the thread that has just unpacked it: under a temporary name, with
// metadata, then the name. The same promises as for files put together from pieces: block and length are checked
// before anything is written, and no half file ever has a final name.
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { packError } from '../../base/error-transfer.ts'
import { applyToHandle } from './apply-metadata.ts'
import { fileDamaged, giveName, isFullDisk, removeQuietly, targetTrouble } from './placed-file.ts'
import { readableMetadata } from './readable-metadata.ts'
import { TargetTree } from './target-tree.ts'
import type { WholeFile, WholeFileOrder, WholeFileOutcome, WholeFileReply } from './whole-files.ts'

/** The block of a hash, its hash checked; undefined if the volume does not have it as it should be. */
type BlockOf = (hash: Buffer) => Buffer | undefined

/** Metadata blocks kept for the next files: many files share one, and it lies far from their content. */
const maxKeptBlocks = 1000
const maxKeptBlockBytes = 2048

export class WholeFileWriter {
  readonly #kept = new Map<string, Buffer>()
  /** The folder of the restore, by its handle. */
  #tree: { readonly root: number; readonly tree: TargetTree } | undefined

  write(order: WholeFileOrder, blockOf: BlockOf): WholeFileReply {
    if (this.#tree?.root !== order.root) {
      this.#tree?.tree.close()
      this.#tree = {
        root: order.root,
        tree: new TargetTree(`/proc/self/fd/${order.root}/.`, { make: false }),
      }
    }
    const { tree } = this.#tree
    const warnings: { path: string; reason: string }[] = []
    const outcomes = order.files.map((file) => {
      const warn = (reason: string): number => warnings.push({ path: file.path, reason })
      const metadataBlock = (hash: string): Buffer | undefined => this.#metadataBlock(hash, blockOf)
      return writeOne(file, { tree, policy: { ...order.policy, warn }, blockOf, metadataBlock })
    })
    return { outcomes, warnings }
  }

  /** A block is what its hash says, so it may come from a volume that was open before. */
  #metadataBlock(hash: string, blockOf: BlockOf): Buffer | undefined {
    const kept = this.#kept.get(hash)
    if (kept) return kept
    const block = blockOf(bytesOf(hash))
    if (!block) return undefined
    // A copy: what is unpacked may be a view of something larger, and is overwritten by the next.
    const copy = Buffer.from(block)
    if (copy.length > maxKeptBlockBytes) return copy
    if (this.#kept.size >= maxKeptBlocks) this.#kept.clear()
    this.#kept.set(hash, copy)
    return copy
  }
}

interface Means {
  readonly tree: TargetTree
  readonly policy: WholeFileOrder['policy'] & { readonly warn: (reason: string) => void }
  readonly blockOf: BlockOf
  readonly metadataBlock: (hash: string) => Buffer | undefined
}

function writeOne(file: WholeFile, { tree, policy, blockOf, metadataBlock }: Means): WholeFileOutcome {
  const metadata = metadataOf(file, metadataBlock)
  const content = file.hash === undefined ? Buffer.alloc(0) : blockOf(bytesOf(file.hash))
  if (metadata === 'blockless' || !content) return 'blockless'
  let temporary: Buffer | undefined
  try {
    if (content.length !== file.sizeBytes) throw fileDamaged(file.path)
    const folder = file.folder === '' ? [] : file.folder.split('/').map(bytesOf)
    const final = tree.atExisting(folder, bytesOf(file.name))
    const path = tree.atExisting(folder, bytesOf(file.temporaryName))
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const handle = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    temporary = path
    try {
      for (let done = 0; done < content.length;) done += writeSync(handle, content, done)
      if (!file.isComplete) return 'written'
      const { modifiedSeconds } = file
      const known = readableMetadata(metadata, policy.warn)
      applyToHandle(handle, known, { ...policy, isFolder: false, modifiedSeconds })
    } finally {
      closeSync(handle)
    }
    giveName({ temporary, final, replace: file.replace })
    return 'made'
  } catch (error) {
    if (temporary) removeQuietly(temporary)
    const trouble = targetTrouble(file.path, error)
    return { error: packError(trouble), isFull: isFullDisk(error) }
  }
}

function metadataOf(
  file: WholeFile,
  metadataBlock: Means['metadataBlock'],
): Buffer | 'blockless' | undefined {
  if (file.metadata !== undefined) return bytesOf(file.metadata)
  return file.metadataHash === undefined ? undefined : (metadataBlock(file.metadataHash) ?? 'blockless')
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

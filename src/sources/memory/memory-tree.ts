// A tree of files in memory, to be backed up in tests: made, changed and removed by calls, with problems planned
// where a test wants them. Paths are text or bytes; folders on the way are made as they are needed.
import { assert } from '../../base/assert.ts'
import type { EntryKind, SourceEntry } from '../source.ts'

/** What is going to be wrong with an entry. */
export type PlannedProblem =
  /** No permission to read the file, or to list the folder. */
  | 'unreadable'
  /** Listing the folder, or reading the file, fails for a reason that may pass. */
  | 'failing'
  /** It is listed and then gone. */
  | 'vanishing'
  /** Left out of the listing of its folder, with a reason. */
  | 'unlistable'
  /** The connection is lost for good when it is listed or read. */
  | 'disconnecting'
  /** Reading fails after so many bytes. */
  | { readonly failsAfterBytes: number }
  /** The file changes while it is read, so many times; after that it is at rest. */
  | { readonly changes: number }

export interface MemoryAttributes {
  readonly modifiedNs: bigint
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly owner?: string
  readonly group?: string
}

export interface MemoryNode {
  readonly kind: EntryKind
  attributes: MemoryAttributes
  /** For a file. */
  content: Buffer
  /** For a link. */
  readonly target: Buffer | undefined
  /** For a folder; by name in Latin-1, one character for each byte. */
  readonly children: Map<string, MemoryNode>
  problem: PlannedProblem | undefined
}

/** Paths below the root, parts joined by `/`; the empty path is the root. */
export type TreePath = string | Buffer

/** 2026-01-02 03:04:05 UTC: the time of an entry that is made without one. */
const usualModifiedNs = 1_767_323_045_000_000_000n

export class MemoryTree {
  readonly root: MemoryNode
  readonly rootName: Buffer
  /** The clock of the machine that the tree stands for. */
  clockNs: bigint

  constructor(options: { readonly rootName?: TreePath; readonly clockNs?: bigint } = {}) {
    this.root = node('folder', {})
    this.rootName = Buffer.from(options.rootName ?? 'tree')
    this.clockNs = options.clockNs ?? usualModifiedNs + 3_600_000_000_000n
  }

  /** Makes a file; or gives an existing one new content, in place, and the attributes that are named. */
  writeFile(path: TreePath, content: TreePath, attributes: Partial<MemoryAttributes> = {}): void {
    const existing = this.find(path)
    if (existing?.kind === 'file') {
      existing.content = Buffer.from(content)
      existing.attributes = { ...existing.attributes, ...attributes }
    } else this.#put(path, { ...node('file', attributes), content: Buffer.from(content) })
  }

  /** Makes a folder, or gives an existing one, root included, new attributes. */
  makeFolder(path: TreePath, attributes: Partial<MemoryAttributes> = {}): void {
    const existing = this.find(path)
    if (existing?.kind === 'folder') existing.attributes = { ...existing.attributes, ...attributes }
    else this.#put(path, node('folder', attributes))
  }

  makeLink(path: TreePath, target: TreePath, attributes: Partial<MemoryAttributes> = {}): void {
    this.#put(path, { ...node('link', { mode: 0o777, ...attributes }), target: Buffer.from(target) })
  }

  makeSpecial(path: TreePath, kind: 'socket' | 'pipe' | 'device' | 'unknown'): void {
    this.#put(path, node(kind, {}))
  }

  remove(path: TreePath): void {
    const { parent, name } = this.#place(path)
    assert(parent.children.delete(name), 'what is removed was there')
  }

  /** Plans a problem for an entry that is there; undefined takes it back. */
  plan(path: TreePath, problem: PlannedProblem | undefined): void {
    const found = this.find(path)
    assert(found, 'a problem is planned for an entry that is there')
    found.problem = problem
  }

  find(path: TreePath): MemoryNode | undefined {
    let found: MemoryNode | undefined = this.root
    for (const part of partsOf(path)) found = found?.children.get(part)
    return found
  }

  #put(path: TreePath, made: MemoryNode): void {
    const { parent, name } = this.#place(path)
    parent.children.set(name, made)
  }

  /** The folder that a path lies in, made if need be. */
  #place(path: TreePath): { parent: MemoryNode; name: string } {
    const parts = partsOf(path)
    const name = parts.pop()
    assert(name !== undefined, 'the root is neither made nor removed')
    let parent = this.root
    for (const part of parts) {
      const next: MemoryNode = parent.children.get(part) ?? node('folder', {})
      assert(next.kind === 'folder', 'only folders hold entries')
      parent.children.set(part, next)
      parent = next
    }
    return { parent, name }
  }
}

export function entryOfNode(name: Buffer, { kind, attributes, content, target }: MemoryNode): SourceEntry {
  return {
    name,
    kind,
    sizeBytes: content.length,
    ...attributes,
    ...(target === undefined ? {} : { linkTarget: target }),
  }
}

function node(kind: EntryKind, attributes: Partial<MemoryAttributes>): MemoryNode {
  const mode = kind === 'folder' ? 0o755 : 0o644
  return {
    kind,
    attributes: { modifiedNs: usualModifiedNs, mode, uid: 1000, gid: 1000, ...attributes },
    content: Buffer.alloc(0),
    target: undefined,
    children: new Map(),
    problem: undefined,
  }
}

function partsOf(path: TreePath): string[] {
  const text = Buffer.from(path).toString('latin1')
  return text === '' ? [] : text.split('/')
}

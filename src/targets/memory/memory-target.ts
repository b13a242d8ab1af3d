// A destination in memory: the whole contract of the port without a disk, for tests of everything above it. Several
// targets may be connected to one `MemoryFolder`, as several runs would be to one destination.
import { throwIfAborted } from '../../base/abort.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { PullbackError } from '../../base/errors.ts'
import { announcedBytes } from '../announced-bytes.ts'
import { checkFileName, isFileName, isLeftover } from '../file-name.ts'
import type { ByteRange, PutContent, Space, SweepOptions, Target, TargetFile } from '../target.ts'

const chunkBytes = 64 * 1024

interface StoredFile {
  readonly bytes: Uint8Array
  readonly modifiedMs: number
}

/** What lies at the destination. Tests look into it and damage it directly. */
export class MemoryFolder {
  exists: boolean
  /** What the files may take together; undefined for no limit. */
  capacityBytes: number | undefined
  readonly files = new Map<string, StoredFile>()

  constructor(options: { readonly exists?: boolean; readonly capacityBytes?: number } = {}) {
    this.exists = options.exists ?? true
    this.capacityBytes = options.capacityBytes
  }

  get usedBytes(): number {
    let sum = 0
    for (const file of this.files.values()) sum += file.bytes.length
    return sum
  }
}

export class MemoryTarget implements Target {
  readonly label = 'memory'
  readonly #folder: MemoryFolder
  readonly #clock: Clock

  constructor(folder: MemoryFolder, clock: Clock = systemClock) {
    this.#folder = folder
    this.#clock = clock
  }

  async open({ create }: { readonly create: boolean }, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal)
    if (create) this.#folder.exists = true
    this.#files()
  }

  async *list(signal: AbortSignal): AsyncGenerator<TargetFile, void, void> {
    throwIfAborted(signal)
    for (const name of this.#files().keys()) {
      throwIfAborted(signal)
      const file = this.#look(name)
      if (file && isFileName(name)) yield file
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<TargetFile | undefined> {
    checkFileName(name)
    throwIfAborted(signal)
    return this.#look(name)
  }

  async put(name: string, content: PutContent, signal: AbortSignal): Promise<void> {
    checkFileName(name)
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    for await (const chunk of announcedBytes(name, content, signal)) {
      sizeBytes += chunk.length
      this.#checkRoom(name, sizeBytes)
      chunks.push(Uint8Array.from(chunk))
    }
    this.#checkRoom(name, sizeBytes)
    const files = this.#files()
    if (files.has(name)) {
      throw new PullbackError('DestinationNameTaken', { what: `${name} exists already`, subject: name })
    }
    files.set(name, { bytes: Buffer.concat(chunks), modifiedMs: this.#clock.nowMs() })
  }

  async *get(
    name: string,
    { range, signal }: { readonly range?: ByteRange; readonly signal: AbortSignal },
  ): AsyncGenerator<Uint8Array, void, void> {
    checkFileName(name)
    throwIfAborted(signal)
    const file = this.#files().get(name)
    if (!file) {
      throw new PullbackError('DestinationFileMissing', { what: `${name} does not exist`, subject: name })
    }
    const { offset, length } = range ?? { offset: 0, length: file.bytes.length }
    const end = offset + length
    if (end > file.bytes.length) {
      throw new PullbackError('DestinationFailed', {
        what: `${name} has ${file.bytes.length} bytes, and bytes up to ${end} were asked for`,
        subject: name,
      })
    }
    const memory = new Uint8Array(Math.min(chunkBytes, length))
    for (let at = offset; at < end; at += chunkBytes) {
      throwIfAborted(signal)
      const chunk = memory.subarray(0, Math.min(chunkBytes, end - at))
      chunk.set(file.bytes.subarray(at, at + chunk.length))
      yield chunk
    }
  }

  async delete(name: string, signal: AbortSignal): Promise<void> {
    checkFileName(name)
    throwIfAborted(signal)
    this.#files().delete(name)
  }

  async space(signal: AbortSignal): Promise<Space | undefined> {
    throwIfAborted(signal)
    this.#files()
    const totalBytes = this.#folder.capacityBytes
    if (totalBytes === undefined) return undefined
    return { totalBytes, freeBytes: Math.max(0, totalBytes - this.#folder.usedBytes) }
  }

  async sweep({ abandoned, signal }: SweepOptions): Promise<number> {
    throwIfAborted(signal)
    const known = { abandoned, nowMs: this.#clock.nowMs() }
    const leftovers = [...this.#files().keys()].filter((name) => {
      const file = this.#look(name)
      return file !== undefined && isLeftover(file, known)
    })
    for (const name of leftovers) this.#folder.files.delete(name)
    return leftovers.length
  }

  async close(): Promise<void> {
    // Holds nothing.
  }

  #files(): Map<string, StoredFile> {
    if (this.#folder.exists) return this.#folder.files
    throw new PullbackError('DestinationMissing', { what: 'the folder does not exist', subject: this.label })
  }

  #look(name: string): TargetFile | undefined {
    const file = this.#files().get(name)
    return file && { name, sizeBytes: file.bytes.length, modifiedMs: file.modifiedMs }
  }

  #checkRoom(name: string, sizeBytes: number): void {
    const { capacityBytes, usedBytes } = this.#folder
    if (capacityBytes === undefined || usedBytes + sizeBytes <= capacityBytes) return
    throw new PullbackError('DestinationFull', { what: `there is no room for ${name}`, subject: name })
  }
}

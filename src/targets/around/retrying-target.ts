// The one layer that tries again: around any destination, for every verb. What an error calls passing is tried again
// after a growing wait; what is permanent comes back at once. A try without a sign of life is given up after a minute.
// Nobody above notices but by the time: a file whose arrival was not confirmed is looked for before it is sent again, a
// reader gets each byte once, and a list each name once.
import { throwIfAborted } from '../../base/abort.ts'
import { isPullbackError, PullbackError } from '../../base/errors.ts'
import { newSha256 } from '../../base/hash.ts'
import type { ByteRange, PutContent, Space, SweepOptions, Target, TargetFile } from '../target.ts'
import { untilAborted } from '../until-aborted.ts'
import { stallMs, StallWatch } from './stall-watch.ts'
import { patienceMs, Tries, type TryOptions } from './tries.ts'

/** 1 MiB/s. A disk that took all bytes at once may still need this long to make them last (a slow USB stick). */
const slowestDiskBytesPerMs = 1024

interface Reading {
  readonly range?: ByteRange
  readonly signal: AbortSignal
}

export class RetryingTarget implements Target {
  readonly #inner: Target
  readonly #options: TryOptions

  constructor(inner: Target, options: TryOptions) {
    this.#inner = inner
    this.#options = options
  }

  get label(): string {
    return this.#inner.label
  }

  open(options: { readonly create: boolean }, signal: AbortSignal): Promise<void> {
    return this.#repeated({ call: 'open', signal }, (watch) => this.#inner.open(options, watch.signal))
  }

  /** All names are gathered first: after a failure in the middle the list begins anew. */
  async *list(signal: AbortSignal): AsyncGenerator<TargetFile, void, void> {
    const files = await this.#repeated({ call: 'list', signal }, async (watch) => {
      const found: TargetFile[] = []
      for await (const file of this.#inner.list(watch.signal)) {
        found.push(file)
        watch.moved()
      }
      return found
    })
    for (const file of files) {
      throwIfAborted(signal)
      yield file
    }
  }

  stat(name: string, signal: AbortSignal): Promise<TargetFile | undefined> {
    return this.#repeated({ call: `stat ${name}`, signal }, (watch) => this.#inner.stat(name, watch.signal))
  }

  put(name: string, content: PutContent, signal: AbortSignal): Promise<void> {
    return this.#repeated({ call: `put ${name}`, signal }, async (watch, tries) => {
      const isThere = async (): Promise<boolean> =>
        tries.number > 1 && (await this.#hasArrived(name, content, watch))
      if (await isThere()) return
      try {
        await this.#inner.put(name, watchedContent(content, watch, tries), watch.signal)
      } catch (error) {
        if (isPullbackError(error, 'DestinationNameTaken') && (await isThere())) return
        throw error
      }
    })
  }

  /** After a failure in the middle the next try begins at the byte that the reader has not got yet. */
  async *get(name: string, reading: Reading): AsyncGenerator<Uint8Array, void, void> {
    const call = { call: `get ${name}`, signal: reading.signal }
    const tries = new Tries(this.#options)
    for (let givenBytes = 0; ;) {
      const watch = this.#watch(call)
      try {
        const range =
          givenBytes === 0
            ? reading.range
            : await watch.guard(this.#rest(name, { ...reading, signal: watch.signal }, givenBytes))
        if (givenBytes > 0 && range?.length === 0) return
        const { signal } = watch
        const chunks = this.#inner.get(name, range ? { range, signal } : { signal })
        for await (const chunk of untilAborted(chunks, signal)) {
          givenBytes += chunk.length
          watch.rest()
          yield chunk
          watch.moved()
        }
        return
      } catch (error) {
        watch.end()
        await tries.after(watch.reason(error), reading.signal)
      } finally {
        watch.end()
      }
    }
  }

  delete(name: string, signal: AbortSignal): Promise<void> {
    return this.#repeated({ call: `delete ${name}`, signal }, (watch) =>
      this.#inner.delete(name, watch.signal),
    )
  }

  space(signal: AbortSignal): Promise<Space | undefined> {
    return this.#repeated({ call: 'space', signal }, (watch) => this.#inner.space(watch.signal))
  }

  /** Shows no sign of life before its end, and may have much to remove. */
  sweep({ abandoned, signal }: SweepOptions): Promise<number> {
    return this.#repeated({ call: 'sweep', signal, limitMs: patienceMs }, (watch) =>
      this.#inner.sweep({ abandoned, signal: watch.signal }),
    )
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #repeated<T>(
    call: { readonly call: string; readonly signal: AbortSignal; readonly limitMs?: number },
    attempt: (watch: StallWatch, tries: Tries) => Promise<T>,
  ): Promise<T> {
    const tries = new Tries(this.#options)
    for (;;) {
      throwIfAborted(call.signal)
      const watch = this.#watch(call)
      try {
        return await watch.guard(attempt(watch, tries))
      } catch (error) {
        watch.end()
        await tries.after(watch.reason(error), call.signal)
      } finally {
        watch.end()
      }
    }
  }

  #watch(call: {
    readonly call: string
    readonly signal: AbortSignal
    readonly limitMs?: number
  }): StallWatch {
    const { clock, pause } = this.#options
    return new StallWatch({ ...call, clock, pause })
  }

  /** Whether an earlier try succeeded and only its answer was lost. No destination's own word is taken for the hash. */
  async #hasArrived(name: string, content: PutContent, watch: StallWatch): Promise<boolean> {
    const file = await this.#inner.stat(name, watch.signal)
    watch.moved()
    if (file?.sizeBytes !== content.sizeBytes) return false
    const hash = newSha256()
    for await (const chunk of this.#inner.get(name, { signal: watch.signal })) {
      hash.update(chunk)
      watch.moved()
    }
    return hash.digest().equals(content.sha256)
  }

  /** What of the bytes asked for comes after the first `givenBytes`. */
  async #rest(name: string, { range, signal }: Reading, givenBytes: number): Promise<ByteRange> {
    if (range) return { offset: range.offset + givenBytes, length: range.length - givenBytes }
    const file = await this.#inner.stat(name, signal)
    if (!file) {
      throw new PullbackError('DestinationFileMissing', {
        what: `${name} vanished while it was read`,
        subject: name,
      })
    }
    return { offset: givenBytes, length: Math.max(0, file.sizeBytes - givenBytes) }
  }
}

/** The content, telling the watch when it is the destination that holds things up. */
function watchedContent(content: PutContent, watch: StallWatch, tries: Tries): PutContent {
  const { sizeBytes, sha256 } = content
  const lastMs = stallMs + sizeBytes / slowestDiskBytesPerMs
  const open = async function* (): AsyncGenerator<Uint8Array, void, void> {
    let givenBytes = 0
    watch.rest()
    for await (const chunk of content.open()) {
      givenBytes += chunk.length
      if (givenBytes > sizeBytes) tries.mayHelp = false
      watch.moved(givenBytes < sizeBytes ? stallMs : lastMs)
      yield chunk
      watch.rest()
    }
    if (givenBytes !== sizeBytes) tries.mayHelp = false
    watch.moved(lastMs)
  }
  return { sizeBytes, sha256, open }
}
